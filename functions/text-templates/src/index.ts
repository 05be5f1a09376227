import { createHandler, FunctionFailure, optionalText, requiredText } from '@yunshang/function-runtime';
import type { PlainRecord } from '@yunshang/callback';
import { bundleAsText, writeTexts } from './write-texts.ts';
import type { Garment } from './write-texts.ts';

const plainText = 'text/plain; charset=utf-8';

/** `title` and `points` become `texts`, a text file or JSON, as the upload wants it. */
export const main_handler = createHandler({
  name: 'text-templates',
  timeLimitMs: 45_000,
  async work(job) {
    const contentType = job.wantedType('texts', [plainText, 'text/plain', 'application/json']);
    const bundle = writeTexts(readGarment(job.input));
    const content = contentType === 'application/json' ? JSON.stringify(bundle) : bundleAsText(bundle);
    return { texts: { bytes: new TextEncoder().encode(content) } };
  },
});

function readGarment(input: PlainRecord): Garment {
  return {
    title: requiredText(input, 'title', 40),
    points: readPoints(input.points),
    price: readPrice(input),
    audience: optionalText(input, 'audience', 20),
  };
}

/** A list, or text with one point a line. */
function readPoints(value: unknown): readonly string[] {
  const list = typeof value === 'string' ? value.split(/\r?\n/) : value;
  if (!Array.isArray(list)) throw new FunctionFailure('INPUT_REFUSED', 'points is neither a list nor text');
  const points = list.map((point: unknown, i) => optionalText({ [`points[${i}]`]: point }, `points[${i}]`, 40));
  const given = points.filter((point) => point !== undefined);
  if (given.length < 1 || given.length > 8) throw new FunctionFailure('INPUT_REFUSED', 'points has not 1 to 8 entries');
  return given;
}

function readPrice(input: PlainRecord): string | undefined {
  const text = optionalText(input, 'price', 12);
  return text !== undefined && /^\d+(\.\d{1,2})?$/.test(text) ? `¥${text}` : text;
}
