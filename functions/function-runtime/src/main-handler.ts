import { parseReplyTo } from '@yunshang/callback';
import { readFunctionConfig } from './config.ts';
import type { FunctionConfig } from './config.ts';
import { finishedJobs } from './finished-jobs.ts';
import { performJob } from './perform-job.ts';
import type { Work } from './perform-job.ts';
import type { Pauses } from './repeat.ts';
import { sendCallback } from './sender.ts';

/** What the platform tells about the invocation; only the time limit matters to us. */
export interface FunctionContext {
  readonly time_limit_in_ms?: number;
}

export interface HandlerAnswer {
  readonly jobId: string;
  readonly status: 'succeeded' | 'failed';
}

export type MainHandler = (event: unknown, context?: FunctionContext) => Promise<HandlerAnswer>;

export interface HandlerSettings {
  /** As in the event's `function`. */
  readonly name: string;
  readonly work: Work;
  /** For the work alone; the platform's own limit less the time for the callback is used when that is shorter. */
  readonly timeLimitMs: number;
  readonly readConfig?: () => FunctionConfig;
  /** Pauses between tries of the callback, and of downloads and uploads. */
  readonly callbackPausesMs?: Pauses;
  readonly transferPausesMs?: Pauses;
}

const callbackPausesMs = [500, 1000, 2000, 4000];
const transferPausesMs = [200, 1000];
const callbackTimeoutMs = 5_000;
/** Kept of the platform's limit for telling a failure: one try that times out, a pause, one that arrives. */
const reservedMs = 12_000;

/**
 * The `main_handler` of a function. The job's outcome, also a failure, goes to the server as a signed callback. It throws only
 * when nobody could be told; the platform's own retry then comes back with the same job, which is answered, not repeated.
 */
export function createHandler(settings: HandlerSettings): MainHandler {
  const running = new Map<string, Promise<HandlerAnswer>>();
  const readConfig = settings.readConfig ?? (() => readFunctionConfig());
  return async (event, context) => {
    const { jobId, callback } = parseReplyTo(event);
    const already = running.get(jobId);
    if (already !== undefined) return already;
    const config = readConfig();
    const answer = answerJob({ jobId, callback, event, config, settings, timeLimitMs: timeLimit(settings, context) });
    running.set(jobId, answer);
    return answer.finally(() => running.delete(jobId));
  };
}

interface JobToAnswer extends ReturnType<typeof parseReplyTo> {
  readonly event: unknown;
  readonly config: FunctionConfig;
  readonly settings: HandlerSettings;
  readonly timeLimitMs: number;
}

async function answerJob({
  jobId,
  callback,
  event,
  config,
  settings,
  timeLimitMs,
}: JobToAnswer): Promise<HandlerAnswer> {
  const finished = finishedJobs(config.stateDirectory, settings.name);
  const pausesMs = settings.transferPausesMs ?? transferPausesMs;
  let body = await finished.find(jobId);
  if (body === undefined) {
    body = await performJob(jobId, event, { name: settings.name, work: settings.work, config, timeLimitMs, pausesMs });
    await finished.keep(body).catch((error: unknown) => console.warn('finished job not kept', error));
  }
  await sendCallback(callback, body, {
    keys: config.callbackKeys,
    origins: config.callbackOrigins,
    pausesMs: settings.callbackPausesMs ?? callbackPausesMs,
    timeoutMs: callbackTimeoutMs,
  });
  return { jobId, status: body.status };
}

function timeLimit({ timeLimitMs }: HandlerSettings, context: FunctionContext | undefined): number {
  const platformMs = context?.time_limit_in_ms;
  if (platformMs === undefined || !(platformMs > 0)) return timeLimitMs;
  return Math.max(Math.min(timeLimitMs, platformMs - reservedMs), platformMs / 2);
}
