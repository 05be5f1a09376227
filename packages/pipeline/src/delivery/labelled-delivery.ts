import { isAppError } from '@yunshang/contracts';
import { createVideoLabels, findFfmpeg, LabelFailed, type VideoLabels } from '@yunshang/labels';
import type { Db } from '@yunshang/db';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import type { Moderation } from '../moderation/moderation.ts';
import type { ProducedFile, ProducedFiles } from '../providers/provider.ts';
import type { Delivery, DeliveryContext } from '../running/delivery.ts';
import { isAiGenerated } from './feature-flag.store.ts';
import { markFile } from './mark-file.ts';

export type LabelsConfig = {
  /** Our name or registered code, for the record in the file. */
  producer: string;
  /** The program that draws on videos; the one found on this machine when absent. */
  ffmpegPath?: string;
};

export type DeliveryDeps = {
  db: Db;
  /** Nobody looks at results without it. */
  moderation?: Moderation | undefined;
  config: LabelsConfig;
};

/** A hiccup of the moderator is waited for here; after an outage the vendor may have to be paid again. */
const patient = retry(
  handleWhen((error) => isAppError(error, 'MODERATION_UNAVAILABLE')),
  { maxAttempts: 3, backoff: new ExponentialBackoff({ initialDelay: 500, maxDelay: 4_000 }) },
);
/** A minute of film takes about that long to be drawn on. */
const VIDEO_TIMEOUT_MS = 120_000;

/**
 * Results are moderated as the vendor made them; those of a feature that counts as AI are then marked. A file that can not be
 * marked is refused: it would be against the law to hand it out.
 */
export function createDelivery(deps: DeliveryDeps): Delivery {
  const videos = createVideoLabels({
    ffmpegPath: deps.config.ffmpegPath ?? findFfmpeg(),
    timeoutMs: VIDEO_TIMEOUT_MS,
  });
  return {
    prepare: async (context, produced) => {
      try {
        return await prepare({ ...deps, videos }, context, produced);
      } catch (error) {
        if (error instanceof LabelFailed) return { refused: `label_${error.reason}` };
        throw error;
      }
    },
  };
}

async function prepare(
  { db, videos, moderation, config }: DeliveryDeps & { videos: VideoLabels },
  context: DeliveryContext,
  produced: ProducedFiles,
): ReturnType<Delivery['prepare']> {
  const named = flatten(produced);
  if (moderation !== undefined)
    for (const { name, file } of named)
      if (!(await patient.execute(() => isAllowed({ moderation, videos }, { context, name }, file))))
        return { refused: 'moderation' };
  if (!(await isAiGenerated(db, context.featureId))) return { files: mapped(produced, unmarked) };
  const marked = new Map<ProducedFile, ProducedFile>();
  for (const { name, file } of named)
    marked.set(
      file,
      await markFile(file, { producer: config.producer, contentId: `${context.taskId}-${name}` }, videos),
    );
  return { files: mapped(produced, (file) => marked.get(file) ?? unmarked(file)) };
}

async function isAllowed(
  { moderation, videos }: { moderation: Moderation; videos: VideoLabels },
  { context, name }: { context: DeliveryContext; name: string },
  file: ProducedFile,
): Promise<boolean> {
  const { taskId, userId, featureId, stepIndex } = context;
  const objectKey = `task:${taskId}/${stepIndex}/${name}`.slice(0, 200);
  const subject = { direction: 'output', taskId, userId, featureId, objectKey } as const;
  if (file.contentType.startsWith('image/')) return moderation.allows(subject, file);
  if (file.contentType !== 'video/mp4') return true;
  for (const frame of await videos.frames(file.bytes))
    if (!(await moderation.allows(subject, { bytes: frame, contentType: 'image/png' }))) return false;
  return true;
}

function flatten(produced: ProducedFiles): { name: string; file: ProducedFile }[] {
  return Object.entries(produced).flatMap(([name, made]) =>
    isOne(made) ? [{ name, file: made }] : made.map((file, i) => ({ name: `${name}-${i + 1}`, file })),
  );
}

function mapped(produced: ProducedFiles, change: (file: ProducedFile) => ProducedFile): ProducedFiles {
  return Object.fromEntries(
    Object.entries(produced).map(([name, made]) => [name, isOne(made) ? change(made) : made.map(change)]),
  );
}

function isOne(made: ProducedFile | readonly ProducedFile[]): made is ProducedFile {
  return 'bytes' in made;
}

function unmarked(file: ProducedFile): ProducedFile {
  return { ...file, label: 'none' };
}
