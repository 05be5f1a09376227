/** 1/1,000,000 yuan in one fen. */
export const MICRO_YUAN_PER_FEN = 10_000;
const BYTES_PER_GB = 1_073_741_824n;

/** A sum as the database says it (DECIMAL comes as text), as a safe integer. Throws where it is none. */
export function safeSum(value: unknown): number {
  const sum = typeof value === 'string' || typeof value === 'bigint' ? Number(value) : (value ?? 0);
  if (typeof sum !== 'number' || !Number.isSafeInteger(sum)) throw new Error('a sum is not a safe integer');
  return sum;
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError('an amount is beyond what can be counted exactly');
  return number;
}

/** What `units` cost at a price each. */
export function costOfUnits(microYuan: number, units: number): number {
  if (!Number.isSafeInteger(units) || units < 0) throw new RangeError(`can not be charged for ${units} units`);
  return safe(BigInt(microYuan) * BigInt(units));
}

/** What one of so many uses cost on average, to the nearest micro-yuan; half is rounded up. */
export function eachNearest(microYuan: number, uses: number): number {
  if (!Number.isSafeInteger(uses) || uses <= 0) throw new RangeError(`${uses} uses share no cost`);
  const whole = BigInt(microYuan);
  const share = BigInt(uses);
  return safe((2n * whole + share) / (2n * share));
}

/** What keeping these bytes for one day of a month costs, at a price for a GB and month; rounded up. */
export function storageDayUp(of: { bytes: number; microYuanPerGbMonth: number; daysInMonth: number }): number {
  const whole = BigInt(of.bytes) * BigInt(of.microYuanPerGbMonth);
  const parts = BYTES_PER_GB * BigInt(of.daysInMonth);
  return safe((whole + parts - 1n) / parts);
}
