export type Measured = { perSecond: number; p50: number; p95: number; p99: number; count: number };

/** The value below which the share `q` of the sorted list lies. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/**
 * `concurrency` callers call `once` again and again: first `warmMs` unmeasured, then `measureMs`. Latencies are in ms, of
 * calls that began after the warm-up.
 */
export async function load(
  options: { concurrency: number; warmMs: number; measureMs: number },
  once: (caller: number) => Promise<void>,
): Promise<Measured> {
  const from = performance.now() + options.warmMs;
  const until = from + options.measureMs;
  const latencies: number[] = [];
  async function caller(index: number): Promise<void> {
    for (;;) {
      const began = performance.now();
      if (began >= until) return;
      await once(index);
      if (began >= from) latencies.push(performance.now() - began);
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, (_, index) => caller(index)));
  const seconds = (performance.now() - from) / 1000;
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    perSecond: sorted.length / seconds,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    count: sorted.length,
  };
}

/** A table for people: columns padded to their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
