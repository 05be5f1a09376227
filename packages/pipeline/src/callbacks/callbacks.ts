import {
  callbackWindowSeconds,
  CallbackRefused,
  parseCallbackBody,
  verifyCallback,
  type CallbackBody,
  type CallbackFile,
  type CallbackKeys,
} from '@yunshang/callback';
import { AppError } from '@yunshang/contracts';
import { inTransaction, type Clock, type Db } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import { scfOutputKey } from '../providers/scf/scf-files.ts';
import { hurryJob } from '../running/hurry-job.store.ts';
import type { Storage } from '../storage/storage.ts';
import { findJob, forgetNonces, keepResult, takeNonce, type JobRow } from './callback.store.ts';

export type CallbacksDeps = {
  db: Db;
  clock: Clock;
  signals: Pick<Signals, 'nudge'>;
  storage: Pick<Storage, 'head'>;
  /** One, or two while a secret is being replaced. */
  keys: CallbackKeys;
};

export type IncomingCallback = {
  taskId: string;
  stepIndex: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it was asked for, with its query if there is one. */
  path: string;
  rawBody: Buffer;
};

export type Callbacks = {
  /**
   * Takes what a cloud function says about its job, once: CALLBACK_REFUSED for anything that is not proved to come from one of
   * ours, about that task and step, now. A job that has ended is answered alike and changes nothing. STORAGE_UNAVAILABLE asks
   * the sender to come again.
   */
  accept(callback: IncomingCallback): Promise<void>;
};

export function createCallbacks(deps: CallbacksDeps): Callbacks {
  const { db, clock, signals } = deps;
  return {
    accept: async (callback) => {
      const now = clock.now();
      const { nonce, body } = prove(deps, callback, now);
      const job = await findJob(db, { ...callback, attemptId: body.jobId });
      if (job?.isScf !== true) throw refused('job_unknown');
      if (body.status === 'succeeded') await assertStored(deps, callback, { job, body });
      const isKept = await inTransaction(db, async (tx) => {
        if (!(await takeNonce(tx, nonce, now))) throw refused('replayed');
        if (!(await keepResult(tx, job.attemptId, body))) return false;
        await hurryJob(tx, callback.taskId, now);
        return true;
      });
      if (isKept) signals.nudge();
    },
  };
}

/** Forgets nonces that no clock would still believe. */
export function sweepNonces(db: Db, now: Date): Promise<void> {
  return forgetNonces(db, new Date(now.getTime() - 2 * callbackWindowSeconds * 1000));
}

function refused(reason: string, cause?: unknown): AppError {
  return new AppError('CALLBACK_REFUSED', { reason }, { cause });
}

function prove(deps: CallbacksDeps, callback: IncomingCallback, now: Date): { nonce: string; body: CallbackBody } {
  const { path, headers, rawBody } = callback;
  try {
    const { nonce } = verifyCallback({ keys: deps.keys, path, rawBody, headers, now });
    return { nonce, body: parseCallbackBody(rawBody) };
  } catch (error) {
    if (error instanceof CallbackRefused) throw refused(error.reason, error);
    throw error;
  }
}

type Proved = { job: JobRow; body: Extract<CallbackBody, { status: 'succeeded' }> };

/** Every file lies in our bucket under the very key this attempt was given, with the size and type it is said to have. */
async function assertStored(
  deps: CallbacksDeps,
  { taskId, stepIndex }: IncomingCallback,
  proved: Proved,
): Promise<void> {
  const { userId, attemptNo } = proved.job;
  const of = { userId, taskId, stepIndex, attemptNo };
  const files = Object.entries(proved.body.output).flatMap(([name, value]) =>
    (isList(value) ? value : [value]).map((file) => ({ name, file })),
  );
  for (const { name, file } of files) {
    if (file.key !== scfOutputKey(of, { name, contentType: file.contentType })) throw refused('key_not_issued');
    const head = await deps.storage.head(file.key);
    if (head?.bytes !== file.bytes) throw refused('file_missing');
  }
}

function isList(value: CallbackFile | readonly CallbackFile[]): value is readonly CallbackFile[] {
  return Array.isArray(value);
}
