/** Ids from `from` to `to`, both included. */
export type Run = { readonly from: number; readonly to: number };

/** The fewest runs that hold exactly these ids, which ascend. */
export function runsOf(ids: readonly number[]): Run[] {
  const runs: { from: number; to: number }[] = [];
  for (const id of ids) {
    const last = runs.at(-1);
    if (last !== undefined && last.to + 1 === id) last.to = id;
    else runs.push({ from: id, to: id });
  }
  return runs;
}

/** How many ids the runs hold. */
export function countIds(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.to - run.from + 1, 0);
}

/** Each id of the runs in turn. */
export function* eachId(runs: readonly Run[]): Generator<number> {
  for (const { from, to } of runs) for (let id = from; id <= to; id += 1) yield id;
}

/** Two LEB128 numbers a run: how far it begins behind the last, and how many more ids it has than one. */
export function encodeRuns(runs: readonly Run[]): Buffer {
  const bytes: number[] = [];
  let last = 0;
  for (const { from, to } of runs) {
    pushNumber(bytes, from - last);
    pushNumber(bytes, to - from);
    last = to;
  }
  return Buffer.from(bytes);
}

/** What encodeRuns wrote; undefined for anything else. */
export function decodeRuns(bytes: Buffer): Run[] | undefined {
  const runs: Run[] = [];
  let last = 0;
  let at = 0;
  const next = (): number | undefined => {
    let value = 0;
    for (let factor = 1; factor <= Number.MAX_SAFE_INTEGER; factor *= 128) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return Number.isSafeInteger(value) ? value : undefined;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const ahead = next();
    const more = next();
    if (ahead === undefined || more === undefined || ahead === 0) return undefined;
    const from = last + ahead;
    last = from + more;
    if (!Number.isSafeInteger(last)) return undefined;
    runs.push({ from, to: last });
  }
  return runs;
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
