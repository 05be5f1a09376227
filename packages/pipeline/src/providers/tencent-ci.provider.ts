import { BILLED_PER_PICTURE } from '@yunshang/contracts';
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
  picturesOf,
  ProviderFailure,
  type FileRef,
  type ProducedFile,
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

/** What a step may name of Tencent CI. */
export const TENCENT_CI_ENDPOINTS = ['garment.clean', 'garment.cutout', 'garment.cutout_all'] as const;

type Deps = { ref: string; settings: CosSettings; storage: Storage; engine: ImageEngine };

/**
 * Tencent CI's matting, finished on white by our own engine where that is asked. CI writes the cut-outs to keys made from the
 * attempt, so an attempt whose answer was lost is asked about by looking at those keys.
 */
export function createTencentCiProvider(deps: Deps): Provider {
  const cos = createCosClient(deps.settings);
  return {
    ref: deps.ref,
    units: ({ endpoint, input }) => {
      const images = input['images'];
      return BILLED_PER_PICTURE.includes(endpoint) && Array.isArray(images) ? images.length : 1;
    },
    vendorRef: (call) => cutOutKey(call, 0),
    run: async (call) => {
      const pictures = subjectsOf(call);
      for (const [index, picture] of pictures.entries())
        await matte(cos, deps.settings, { picture, key: cutOutKey(call, index) }).catch((error: unknown) => {
          throw billedFor(index, error);
        });
      const result = await resultOf(deps, call, pictures.length);
      if (result === undefined) throw new ProviderFailure('vendor', 'result_missing');
      return result;
    },
    lookup: (call) => resultOf(deps, call, subjectsOf(call).length),
  };
}

function subjectsOf(call: ProviderCall): FileRef[] {
  if (!TENCENT_CI_ENDPOINTS.some((name) => name === call.endpoint))
    throw new ProviderFailure('vendor', 'endpoint_unknown');
  return call.endpoint === 'garment.cutout_all' ? picturesOf(call) : [pictureOf(call)];
}

/** What the attempt's keys hold; undefined while one of them holds nothing. */
async function resultOf(
  { storage, engine }: Deps,
  call: ProviderCall,
  count: number,
): Promise<ProviderResult | undefined> {
  const cutOuts: ProducedFile[] = [];
  for (let index = 0; index < count; index += 1) {
    const png = await storage.get(cutOutKey(call, index));
    if (png === undefined) return undefined;
    cutOuts.push(await checked(png));
  }
  if (call.endpoint === 'garment.cutout_all') return { output: {}, files: { images: cutOuts } };
  const [image] = cutOuts;
  if (image === undefined) return undefined;
  return { output: {}, files: { image: call.endpoint === 'garment.clean' ? await onWhite(engine, image) : image } };
}

/** What CI refused it does not bill; it bills the pictures before. */
function billedFor(unitsDone: number, error: unknown): unknown {
  if (!(error instanceof ProviderFailure) || error.errorClass === 'unknown_outcome') return error;
  return new ProviderFailure(error.errorClass, error.code, { cause: error.cause, unitsDone });
}

/** Under `work/`, which a lifecycle rule of the bucket empties. */
function cutOutKey(call: Omit<ProviderCall, 'signal'>, index: number): string {
  const name = index === 0 ? 'cut-out' : `cut-out-${index + 1}`;
  return `work/${call.userId}/${call.taskId}/${call.stepIndex}-${call.attemptNo}-${name}.png`;
}

async function matte(cos: COS, settings: CosSettings, work: { picture: FileRef; key: string }): Promise<void> {
  const operations = { is_pic_info: 1, rules: [{ fileid: `/${work.key}`, rule: RULE }] };
  try {
    const answer: unknown = await cos.request({
      Bucket: settings.bucket,
      Region: settings.region,
      Method: 'POST',
      Key: work.picture.file,
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

async function checked(png: Buffer): Promise<ProducedFile> {
  const { share, width, height } = await keptOf(png).catch((error: unknown) => {
    throw new ProviderFailure('vendor', 'result_corrupt', { cause: error });
  });
  if (share < LEAST_KEPT || share > MOST_KEPT) throw new ProviderFailure('vendor', NOT_CUT_OUT);
  return { bytes: png, contentType: 'image/png', width, height };
}

async function onWhite(engine: ImageEngine, cutOut: ProducedFile): Promise<ProducedFile> {
  const { jpeg, width, height } = await engine.finishOnWhite(cutOut.bytes).catch((error: unknown) => {
    throw new ProviderFailure('vendor', 'result_corrupt', { cause: error });
  });
  return { bytes: jpeg, contentType: 'image/jpeg', width, height };
}

/** The size, and the mean of the alpha channel as a share; 1 for a picture without one. */
async function keptOf(png: Buffer): Promise<{ share: number; width: number; height: number }> {
  const image = sharp(png, { failOn: 'warning', limitInputPixels: 64_000_000 });
  const { hasAlpha, width, height } = await image.metadata();
  if (!hasAlpha) return { share: 1, width, height };
  const { channels } = await image.clone().extractChannel('alpha').toColourspace('b-w').stats();
  return { share: (channels[0]?.mean ?? 255) / 255, width, height };
}
