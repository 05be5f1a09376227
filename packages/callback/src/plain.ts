/** Readers of untrusted JSON. Each gives the value in its type or throws what `fail` makes of the place and the problem. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly place: string;

  constructor(place: string, problem: string) {
    super(`${place} ${problem}`);
    this.place = place;
  }
}

export type PlainRecord = Readonly<Record<string, unknown>>;

export function readRecord(value: unknown, place: string): PlainRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Malformed(place, 'is no object');
  return Object.fromEntries(Object.entries(value));
}

/** An object with no keys but these. */
export function readClosedRecord(value: unknown, place: string, keys: readonly string[]): PlainRecord {
  const found = readRecord(value, place);
  const unknown = Object.keys(found).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Malformed(`${place}.${unknown.slice(0, 64)}`, 'is not known');
  return found;
}

export function readText(value: unknown, place: string, { max, pattern }: { max: number; pattern?: RegExp }): string {
  if (typeof value !== 'string') throw new Malformed(place, 'is no text');
  if (value.length === 0 || value.length > max) throw new Malformed(place, `is not 1 to ${max} characters long`);
  if (pattern !== undefined && !pattern.test(value)) throw new Malformed(place, 'has the wrong form');
  return value;
}

export function readInteger(value: unknown, place: string, { min, max }: { min: number; max: number }): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw new Malformed(place, `is no whole number from ${min} to ${max}`);
  }
  return value;
}

export function readList(value: unknown, place: string, { max }: { max: number }): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed(place, 'is no list');
  if (value.length > max) throw new Malformed(place, `has more than ${max} entries`);
  return value;
}
