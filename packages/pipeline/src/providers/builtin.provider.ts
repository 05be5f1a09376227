import { ImageEngineFailed, ImageRefused, type ImageEngine } from '@yunshang/image-engine';
import type { Storage } from '../storage/storage.ts';
import { INPUT_GONE, NOT_CUT_OUT, PICTURE_REFUSED, pictureOf, ProviderFailure, type Provider } from './provider.ts';

/** The image engine in this process: nothing outside is asked, so nothing is ever in doubt. */
export function createBuiltinProvider(deps: { ref: string; engine: ImageEngine; storage: Storage }): Provider {
  const { ref, engine, storage } = deps;
  return {
    ref,
    run: async (call) => {
      if (call.endpoint !== 'garment.clean') throw new ProviderFailure('vendor', 'endpoint_unknown');
      const original = await storage.get(pictureOf(call).file);
      if (original === undefined) throw new ProviderFailure('member_input', INPUT_GONE);
      const picture = await engine.clean(original).catch(toFailure);
      if (picture.verdict === 'reject') throw new ProviderFailure('vendor', NOT_CUT_OUT);
      const { jpeg, width, height } = picture;
      return { output: {}, files: { image: { bytes: jpeg, contentType: 'image/jpeg', width, height } } };
    },
  };
}

function toFailure(error: unknown): never {
  if (error instanceof ImageRefused)
    throw new ProviderFailure('vendor', `${PICTURE_REFUSED}_${error.reason}`, { cause: error });
  if (error instanceof ImageEngineFailed) throw new ProviderFailure('vendor', `engine_${error.kind}`, { cause: error });
  throw error;
}
