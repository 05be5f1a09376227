import type { Transform } from '@yunshang/image-engine';
import { VendorError } from '../vendor-call.ts';

/** One step of a rule: cut out the subject, or resize and re-encode. */
export type RuleStep = { kind: 'GoodsMatting' } | { kind: 'imageMogr2'; transform: Transform };

const FORMATS = { jpg: 'jpeg', jpeg: 'jpeg', png: 'png', webp: 'webp' } as const;

/** Reads `ci-process=GoodsMatting` and `imageMogr2/thumbnail/200x/format/webp/quality/80`, chained with `|`. */
export function parseRule(text: string): RuleStep[] {
  return text.split('|').map(parseStep);
}

function parseStep(text: string): RuleStep {
  if (text === 'imageMogr2' || text.startsWith('imageMogr2/')) {
    return { kind: 'imageMogr2', transform: parseTransform(text.split('/').slice(1)) };
  }
  const parameters = new URLSearchParams(text);
  if (parameters.get('ci-process') !== 'GoodsMatting') throw invalid(`unsupported process ${text}`);
  for (const [name, value] of parameters) {
    const isDefault = name === 'ci-process' || (name === 'center-layout' && value === '0');
    if (!isDefault) throw invalid(`unsupported parameter ${name}`);
  }
  return { kind: 'GoodsMatting' };
}

/** `strip` and `auto-orient` are always done: results carry no metadata. */
function parseTransform(words: string[]): Transform {
  const transform: Transform = {};
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === 'strip' || word === 'auto-orient') continue;
    at += 1;
    const value = words[at] ?? '';
    if (word === 'thumbnail') Object.assign(transform, parseSides(value));
    else if (word === 'format') transform.format = parseFormat(value);
    else if (word === 'quality') transform.quality = parseQuality(value);
    else throw invalid(`unsupported imageMogr2 operation ${word ?? ''}`);
  }
  return transform;
}

/** `200x`, `x300` or `200x300`: made to fit inside, in pixels. */
function parseSides(text: string): Pick<Transform, 'width' | 'height'> {
  const match = /^([1-9]\d{0,4})?x([1-9]\d{0,4})?$/.exec(text);
  if (match === null || text === 'x') throw invalid(`thumbnail ${text}`);
  const [, width, height] = match;
  return {
    ...(width === undefined ? {} : { width: Number(width) }),
    ...(height === undefined ? {} : { height: Number(height) }),
  };
}

function parseFormat(text: string): NonNullable<Transform['format']> {
  if (text === 'jpg' || text === 'jpeg' || text === 'png' || text === 'webp') return FORMATS[text];
  throw invalid(`format ${text}`);
}

function parseQuality(text: string): number {
  const quality = Number(text.replace(/!$/, ''));
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) throw invalid(`quality ${text}`);
  return quality;
}

export function invalid(message: string): VendorError {
  return new VendorError(400, 'InvalidArgument', `Invalid argument: ${message}.`);
}
