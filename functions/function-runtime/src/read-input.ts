import type { PlainRecord } from '@yunshang/callback';
import { FunctionFailure } from './function-failure.ts';

/** A line of the member's text: trimmed, control characters refused; numbers are taken as text. */
export function requiredText(input: PlainRecord, name: string, max: number): string {
  const value = optionalText(input, name, max);
  if (value === undefined) throw new FunctionFailure('INPUT_REFUSED', `${name} is missing`);
  return value;
}

/** As {@link requiredText}; absent, null and blank are undefined. `max` counts characters as a reader does. */
export function optionalText(input: PlainRecord, name: string, max: number): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') throw refused(name, 'is no text');
  const line = String(value).normalize('NFC').trim();
  if (line === '') return undefined;
  if (/[\p{Cc}\p{Cs}]/u.test(line)) throw refused(name, 'holds control characters');
  const characters = [...new Intl.Segmenter('zh', { granularity: 'grapheme' }).segment(line)].length;
  if (characters > max) throw refused(name, `has ${characters} characters, at most ${max} fit`);
  return line;
}

function refused(name: string, problem: string): FunctionFailure {
  return new FunctionFailure('INPUT_REFUSED', `${name} ${problem}`);
}

/** A whole number, also written as text, as forms give it; absent, null and blank are undefined. */
export function optionalInteger(
  input: PlainRecord,
  name: string,
  range: { min: number; max: number },
): number | undefined {
  const text = optionalText(input, name, 20);
  if (text === undefined) return undefined;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw refused(name, `is no whole number from ${range.min} to ${range.max}`);
}

/** A number with at most two decimals, also written as text; absent, null and blank are undefined. */
export function optionalNumber(
  input: PlainRecord,
  name: string,
  range: { min: number; max: number },
): number | undefined {
  const text = optionalText(input, name, 20);
  if (text === undefined) return undefined;
  const value = /^-?\d+(\.\d{1,2})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw refused(name, `is no number from ${range.min} to ${range.max} with at most two decimals`);
}
