import type { Clock, Db } from '@yunshang/db';
import type { ImageEngine } from '@yunshang/image-engine';
import { createProviderDirectory, type ProviderRegistry, type Storage } from '@yunshang/pipeline';
import type { ProcessConfig } from './config.ts';

/** The providers as they are configured, over these connections. */
export function providersOf(
  { cos, vendors, labels }: Pick<ProcessConfig, 'cos' | 'vendors' | 'labels'>,
  connected: { db: Db; clock: Clock; storage: Storage; engine: ImageEngine },
): ProviderRegistry {
  const { keys, publicBaseUrl, runningHubUrl, devHosts } = vendors;
  return createProviderDirectory({
    ...connected,
    cos,
    keys,
    publicBaseUrl,
    devHosts,
    ...(runningHubUrl === undefined ? {} : { runningHubUrl }),
    ...(labels.ffmpegPath === undefined ? {} : { ffmpegPath: labels.ffmpegPath }),
  });
}
