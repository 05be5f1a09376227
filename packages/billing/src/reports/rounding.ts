import { MICRO_YUAN_PER_FEN } from '../costs/amount.ts';

/** Micro-yuan shown in fen: half away from zero. Only a sum is rounded, never what is summed. */
export function fenNearest(microYuan: number): number {
  if (!Number.isSafeInteger(microYuan)) throw new RangeError(`${microYuan} is no exact amount`);
  const size = Math.abs(microYuan);
  const rest = size % MICRO_YUAN_PER_FEN;
  const whole = wholePart(size, MICRO_YUAN_PER_FEN) + (rest * 2 >= MICRO_YUAN_PER_FEN ? 1 : 0);
  return microYuan < 0 && whole > 0 ? -whole : whole;
}

/** Net revenue for each member served, rounded down (a loss is not made smaller); null without members. */
export function arpuDown(netFen: number, members: number): number | null {
  if (members === 0) return null;
  const whole = wholePart(Math.abs(netFen), members);
  if (netFen >= 0) return whole;
  return -(Math.abs(netFen) % members === 0 ? whole : whole + 1);
}

/** Of non-negative safe integers: the rest is taken off first, so the division is exact. */
function wholePart(dividend: number, divisor: number): number {
  return (dividend - (dividend % divisor)) / divisor;
}

/** Adds exactly, or throws: a sum beyond 2^53 is not a sum. */
export function plus(one: number, other: number): number {
  const sum = one + other;
  if (!Number.isSafeInteger(sum)) throw new RangeError(`${one} + ${other} can not be counted exactly`);
  return sum;
}
