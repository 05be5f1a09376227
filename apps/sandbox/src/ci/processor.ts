import { createHash } from 'node:crypto';
import {
  ImageEngineFailed,
  ImageRefused,
  inspectImage,
  type CutOut,
  type ImageEngine,
  type ImageFacts,
} from '@yunshang/image-engine';
import { VendorError } from '../vendor-call.ts';
import type { RuleStep } from './rule.ts';

/** What imageMogr2 opens: up to 32 MB and 50 000 pixels a side. */
const LIMITS = { maxBytes: 32 * 1024 * 1024, minSide: 1, maxSide: 50_000, formats: ['jpeg', 'png', 'webp'] } as const;

/** A picture made by a rule. */
export type Made = { bytes: Buffer; mime: string };

/** The engine as the vendor's servers use it; `remembering` spares the seconds of cutting out the same bytes again. */
export type Cutter = Pick<ImageEngine, 'cutOut' | 'transform'>;

const REMEMBERED = 16;

export function remembering(engine: Cutter): Cutter {
  const known = new Map<string, CutOut>();
  return {
    transform: (bytes, transform) => engine.transform(bytes, transform),
    async cutOut(bytes) {
      const digest = createHash('sha256').update(bytes).digest('hex');
      const before = known.get(digest);
      if (before !== undefined) return before;
      const cut = await engine.cutOut(bytes);
      known.set(digest, cut);
      const [oldest] = known.keys();
      if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
      return cut;
    },
  };
}

/** Runs a rule's steps one after the other; a picture that cannot be cut out is an error, never a picture. */
export async function runRule(engine: Cutter, source: Buffer, steps: RuleStep[]): Promise<Made> {
  return refusing(async () => {
    let made: Made = { bytes: source, mime: 'application/octet-stream' };
    for (const step of steps) made = await runStep(engine, made.bytes, step);
    return made;
  });
}

/** Format and sides of a picture, as the vendor reports them. */
export function factsOf(bytes: Buffer): Promise<ImageFacts> {
  return refusing(() => inspectImage(bytes, LIMITS));
}

async function runStep(engine: Cutter, bytes: Buffer, step: RuleStep): Promise<Made> {
  if (step.kind === 'imageMogr2') {
    const { bytes: transformed, format } = await engine.transform(bytes, step.transform);
    return { bytes: transformed, mime: `image/${format}` };
  }
  const cut = await engine.cutOut(bytes);
  if (cut.verdict === 'reject') {
    throw new VendorError(400, 'GoodsMattingFailed', `No goods could be cut out: ${cut.reasons.join(', ')}.`);
  }
  return { bytes: cut.png, mime: 'image/png' };
}

async function refusing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ImageRefused) {
      throw new VendorError(400, 'InvalidImageFormat', `The picture cannot be processed: ${error.reason}.`);
    }
    if (error instanceof ImageEngineFailed)
      throw new VendorError(500, 'InternalError', 'We encountered an internal error.');
    throw error;
  }
}
