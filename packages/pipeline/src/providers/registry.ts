import type { ImageEngine } from '@yunshang/image-engine';
import { createVideoWatermark, findFfmpeg, type VideoWatermark } from '@yunshang/labels';
import type { CosSettings } from '../storage/cos-client.ts';
import type { Storage } from '../storage/storage.ts';
import { createBuiltinProvider } from './builtin.provider.ts';
import type { Provider } from './provider.ts';
import { createTencentCiProvider } from './tencent-ci.provider.ts';

/** One that knows its providers without looking. */
export type FixedRegistry = { get(ref: string): Provider | undefined };

/** The providers this process can call, by their reference in provider_endpoints. */
export function createProviders(deps: {
  /** `timeoutMs` should be below the endpoint's timeout_seconds. */
  tencentCi: CosSettings;
  storage: Storage;
  engine: ImageEngine;
}): FixedRegistry {
  const { storage, engine } = deps;
  return registryOf([
    createTencentCiProvider({ ref: 'tencent-ci', settings: deps.tencentCi, storage, engine }),
    createBuiltinProvider({ ref: 'builtin-image-engine', storage, engine, watermark: watermarkBy() }),
  ]);
}

/** A minute of film takes about that long to be drawn on. */
const FILM_TIMEOUT_MS = 120_000;

/** Draws with this ffmpeg, or the one found on this machine. */
export function watermarkBy(ffmpegPath: string = findFfmpeg()): VideoWatermark {
  return createVideoWatermark({ ffmpegPath, timeoutMs: FILM_TIMEOUT_MS });
}

/** A registry of exactly these. */
export function registryOf(providers: readonly Provider[]): FixedRegistry {
  const byRef = new Map(providers.map((provider) => [provider.ref, provider]));
  return { get: (ref) => byRef.get(ref) };
}
