/** Micro-yuan as people read it: 30000 → `¥0.030000`. */
export function microYuanText(microYuan: number): string {
  const sign = microYuan < 0 ? '-' : '';
  const abs = Math.abs(microYuan);
  return `${sign}¥${Math.trunc(abs / 1_000_000)}.${String(abs % 1_000_000).padStart(6, '0')}`;
}

/** Fen as people read it: 9900 → `¥99.00`. */
export function fenText(fen: number): string {
  const sign = fen < 0 ? '-' : '';
  const abs = Math.abs(fen);
  return `${sign}¥${Math.trunc(abs / 100)}.${String(abs % 100).padStart(2, '0')}`;
}

/** Parts in a million as a fraction: 990000 → `0.990000`. */
export function shareText(ppm: number): string {
  return `${Math.trunc(ppm / 1_000_000)}.${String(ppm % 1_000_000).padStart(6, '0')}`;
}

/** `dividend × factor / divisor`, rounded up, through big integers. */
export function mulDivUp(dividend: number, factor: number, divisor: number): number {
  return Number((BigInt(dividend) * BigInt(factor) + BigInt(divisor) - 1n) / BigInt(divisor));
}

/** `dividend × factor / divisor`, rounded down, through big integers. */
export function mulDivDown(dividend: number, factor: number, divisor: number): number {
  return Number((BigInt(dividend) * BigInt(factor)) / BigInt(divisor));
}
