import type { ImportChange } from '@yunshang/contracts';

type Difference = ImportChange['fields'][number];
type Json = Difference['before'];

/** A body that differs in more places than this is another body. */
const MAX_DIFFERENCES = 200;

/** Where two values of JSON differ, by dotted path; a side that has nothing there gives null. The order of keys says nothing. */
export function differences(before: unknown, after: unknown): Difference[] {
  return compare(asJson(before), asJson(after), '').slice(0, MAX_DIFFERENCES);
}

/** As it would be stored: dates as text, nothing undefined. */
function asJson(value: unknown): Json {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

function compare(before: Json, after: Json, field: string): Difference[] {
  if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    const one = new Map(Object.entries(before));
    const other = new Map(Object.entries(after));
    const keys = [...new Set([...one.keys(), ...other.keys()])];
    return keys.flatMap((key) =>
      compare(one.get(key) ?? null, other.get(key) ?? null, field === '' ? key : `${field}.${key}`),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ field, before, after }];
}

function isBranch(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}
