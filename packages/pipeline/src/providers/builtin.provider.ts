import { ImageEngineFailed, ImageRefused, type ImageEngine } from '@yunshang/image-engine';
import { LabelFailed, type VideoWatermark } from '@yunshang/labels';
import type { Storage } from '../storage/storage.ts';
import {
  INPUT_GONE,
  INPUT_REFUSED,
  isFileRef,
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
import { readMedia } from './read-media.ts';

type Deps = { ref: string; engine: ImageEngine; storage: Storage; watermark: VideoWatermark };

/** What a step may name of the built-in engine. */
export const BUILTIN_ENDPOINTS = ['garment.clean', 'garment.cutout', 'garment.cutout_all', 'video.watermark'] as const;

/** The image engine in this process: nothing outside is asked, so nothing is ever in doubt. */
export function createBuiltinProvider(deps: Deps): Provider {
  return {
    ref: deps.ref,
    run: async (call): Promise<ProviderResult> => {
      switch (call.endpoint) {
        case 'garment.clean':
          return { output: {}, files: { image: await clean(deps, pictureOf(call)) } };
        case 'garment.cutout':
          return { output: {}, files: { image: await cutOut(deps, pictureOf(call)) } };
        case 'garment.cutout_all': {
          const images: ProducedFile[] = [];
          for (const picture of picturesOf(call)) images.push(await cutOut(deps, picture));
          return { output: {}, files: { images } };
        }
        case 'video.watermark':
          return { output: {}, files: { video: await mark(deps, call) } };
        default:
          throw new ProviderFailure('vendor', 'endpoint_unknown');
      }
    },
  };
}

async function clean({ engine, storage }: Deps, file: FileRef): Promise<ProducedFile> {
  const picture = await engine.clean(await read(storage, file)).catch(toFailure);
  if (picture.verdict === 'reject') throw new ProviderFailure('vendor', NOT_CUT_OUT);
  const { jpeg, width, height } = picture;
  return { bytes: jpeg, contentType: 'image/jpeg', width, height };
}

async function cutOut({ engine, storage }: Deps, file: FileRef): Promise<ProducedFile> {
  const cut = await engine.cutOut(await read(storage, file)).catch(toFailure);
  if (cut.verdict === 'reject') throw new ProviderFailure('vendor', NOT_CUT_OUT);
  return { bytes: cut.png, contentType: 'image/png', width: cut.width, height: cut.height };
}

/** The member's words on a film of an earlier step. */
async function mark({ storage, watermark }: Deps, call: ProviderCall): Promise<ProducedFile> {
  const { video, text } = call.input;
  if (!isFileRef(video)) throw new ProviderFailure('member_input', INPUT_GONE);
  if (typeof text !== 'string') throw new ProviderFailure('member_input', INPUT_REFUSED);
  const { bytes } = await watermark.draw(await read(storage, video), text).catch(toFailure);
  return readMedia('video', bytes);
}

async function read(storage: Storage, { file }: FileRef): Promise<Buffer> {
  const original = await storage.get(file);
  if (original === undefined) throw new ProviderFailure('member_input', INPUT_GONE);
  return original;
}

function toFailure(error: unknown): never {
  if (error instanceof ImageRefused)
    throw new ProviderFailure('vendor', `${PICTURE_REFUSED}_${error.reason}`, { cause: error });
  if (error instanceof ImageEngineFailed) throw new ProviderFailure('vendor', `engine_${error.kind}`, { cause: error });
  if (error instanceof LabelFailed && error.reason === 'no_text')
    throw new ProviderFailure('member_input', INPUT_REFUSED, { cause: error });
  if (error instanceof LabelFailed) throw new ProviderFailure('vendor', `film_${error.reason}`, { cause: error });
  throw error;
}
