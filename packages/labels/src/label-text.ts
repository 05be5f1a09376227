import { LabelFailed } from './label-failed.ts';
import { aigcRecord, recordOfJson, recordToJson, type AigcRecord } from './record.ts';

export type TextKind = 'plain' | 'json';

/** GB 45438-2025 wants the words at the beginning, the end or within; at the beginning nobody misses them. */
const WORDS = '【AI生成】';
const LABEL_KEY = 'label';
const RECORD_KEY = 'AIGC';

/**
 * Marks a text as generated: plain text begins with the words on a line of their own; a JSON object says them under `label` and
 * carries the record under `AIGC`, before everything else. Throws LabelFailed for what is not UTF-8 or no JSON object.
 */
export function labelText(kind: TextKind, bytes: Uint8Array, as: { producer: string; contentId: string }): Buffer {
  const text = decode(bytes);
  if (text.trim() === '') throw new LabelFailed('empty', 'text');
  if (kind === 'plain') return Buffer.from(`${WORDS}\n${text}`);
  const record: unknown = JSON.parse(recordToJson(aigcRecord(as)));
  return Buffer.from(JSON.stringify({ [LABEL_KEY]: WORDS, [RECORD_KEY]: record, ...objectOf(text) }));
}

/** Whether the words are there, and of JSON the record; read from the bytes alone. */
export function readTextLabel(kind: TextKind, bytes: Uint8Array): { visible: boolean; record: AigcRecord | undefined } {
  const text = decode(bytes);
  if (kind === 'plain') return { visible: text.startsWith(`${WORDS}\n`), record: undefined };
  const { [LABEL_KEY]: label, [RECORD_KEY]: record } = objectOf(text, true);
  return { visible: label === WORDS, record: recordOfJson(JSON.stringify(record ?? null)) };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new LabelFailed('corrupt', 'not UTF-8', { cause: error });
  }
}

/** A vendor's own label or record would be taken for ours. */
function objectOf(text: string, withMarks = false): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LabelFailed('corrupt', 'JSON', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LabelFailed('unsupported_format', 'JSON that is no object');
  const entries = Object.entries(value);
  return Object.fromEntries(withMarks ? entries : entries.filter(([key]) => key !== LABEL_KEY && key !== RECORD_KEY));
}
