import type { ImageEngine } from '@yunshang/image-engine';
import type COS from 'cos-nodejs-sdk-v5';
import sharp from 'sharp';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { CosCallFailed, cosFailure, createCosClient, isNoSuchKey, type CosSettings } from '../storage/cos-client.ts';
import type { Storage } from '../storage/storage.ts';
import {
  INPUT_GONE,
  NOT_CUT_OUT,
  PICTURE_REFUSED,
  pictureOf,
  ProviderFailure,
  type Provider,
  type ProviderCall,
  type ProviderResult,
} from './provider.ts';

const RULE = 'ci-process=GoodsMatting';
/** A cut-out that keeps less than this of the picture, or more, cut out nothing: shares of fully visible pixels. */
const LEAST_KEPT = 0.005;
const MOST_KEPT = 0.995;

const object = z.looseObject({ Key: z.string() });
const answerSchema = z.looseObject({
  UploadResult: z.looseObject({
    ProcessResults: z.looseObject({ Object: z.union([object, z.array(object).min(1)]) }),
  }),
});

/**
 * Tencent CI's matting, finished on white by our own engine. CI writes the cut-out to a key made from the attempt, so an
 * attempt whose answer was lost is asked about by looking at that key.
 */
export function createTencentCiProvider(deps: {
  ref: string;
  settings: CosSettings;
  storage: Storage;
  engine: ImageEngine;
}): Provider {
  const { ref, settings, storage, engine } = deps;
  const cos = createCosClient(settings);
  return {
    ref,
    vendorRef: cutOutKey,
    run: async (call) => {
      if (call.endpoint !== 'garment.clean') throw new ProviderFailure('vendor', 'endpoint_unknown');
      await matte(cos, settings, call);
      const cutOut = await storage.get(cutOutKey(call));
      if (cutOut === undefined) throw new ProviderFailure('vendor', 'result_missing');
      return finish(engine, cutOut);
    },
    lookup: async (call) => {
      const cutOut = await storage.get(cutOutKey(call));
      return cutOut === undefined ? undefined : finish(engine, cutOut);
    },
  };
}

/** Under `work/`, which a lifecycle rule of the bucket empties. */
function cutOutKey(call: Omit<ProviderCall, 'signal'>): string {
  return `work/${call.userId}/${call.taskId}/${call.stepIndex}-${call.attemptNo}-cut-out.png`;
}

async function matte(cos: COS, settings: CosSettings, call: ProviderCall): Promise<void> {
  const operations = { is_pic_info: 1, rules: [{ fileid: `/${cutOutKey(call)}`, rule: RULE }] };
  try {
    const answer: unknown = await cos.request({
      Bucket: settings.bucket,
      Region: settings.region,
      Method: 'POST',
      Key: pictureOf(call).file,
      Action: 'image_process',
      Headers: { 'Pic-Operations': JSON.stringify(operations), 'Content-Length': '0' },
      // The client repeats a call up to three times on 5xx unless its body is a stream; paid work is not repeated unseen.
      Body: Readable.from([]),
    });
    if (!answerSchema.safeParse(answer).success) throw new ProviderFailure('vendor', 'answer_unreadable');
  } catch (error) {
    throw error instanceof ProviderFailure ? error : toFailure(cosFailure('GoodsMatting', error));
  }
}

/** Codes of errors that happen before anything was sent. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

function toFailure(error: CosCallFailed): ProviderFailure {
  const { status, code } = error;
  if (status === undefined)
    return NEVER_SENT.has(code)
      ? new ProviderFailure('vendor', 'unreachable', { cause: error })
      : new ProviderFailure('unknown_outcome', 'no_answer', { cause: error });
  if (isNoSuchKey(error)) return new ProviderFailure('member_input', INPUT_GONE, { cause: error });
  if (status === 401 || status === 402 || status === 403)
    return new ProviderFailure('our_account', `http_${status}`, { cause: error });
  // The picture's fault, as far as CI can tell; the names of these codes are not in its documents.
  if (status === 400 && /matting/i.test(code)) return new ProviderFailure('vendor', NOT_CUT_OUT, { cause: error });
  if (status === 400 && /image/i.test(code)) return new ProviderFailure('vendor', PICTURE_REFUSED, { cause: error });
  return new ProviderFailure('vendor', `http_${status}`, { cause: error });
}

async function finish(engine: ImageEngine, cutOut: Buffer): Promise<ProviderResult> {
  const kept = await keptShare(cutOut).catch((error: unknown) => {
    throw new ProviderFailure('vendor', 'result_corrupt', { cause: error });
  });
  if (kept < LEAST_KEPT || kept > MOST_KEPT) throw new ProviderFailure('vendor', NOT_CUT_OUT);
  const picture = await engine.finishOnWhite(cutOut).catch((error: unknown) => {
    throw new ProviderFailure('vendor', 'result_corrupt', { cause: error });
  });
  const { jpeg, width, height } = picture;
  return { output: {}, files: { image: { bytes: jpeg, contentType: 'image/jpeg', width, height } } };
}

/** The mean of the alpha channel, 0 to 1; 1 for a picture without one. */
async function keptShare(png: Buffer): Promise<number> {
  const image = sharp(png, { failOn: 'warning', limitInputPixels: 64_000_000 });
  const { hasAlpha } = await image.metadata();
  if (!hasAlpha) return 1;
  const { channels } = await image.clone().extractChannel('alpha').toColourspace('b-w').stats();
  return (channels[0]?.mean ?? 255) / 255;
}
