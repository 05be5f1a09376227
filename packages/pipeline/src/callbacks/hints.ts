import { inTransaction, type Clock, type Db } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import { z } from 'zod';
import { hubIdSchema } from '../providers/runninghub/hub-answer.ts';
import { hintHashOf } from '../running/background-step.ts';
import { hurryJob } from '../running/hurry-job.store.ts';
import { claimVendorRef, findHinted } from './callback.store.ts';

export type HintsDeps = { db: Db; clock: Clock; signals: Pick<Signals, 'nudge'> };

export type Hints = {
  /**
   * RunningHub says that something happened to the work this token was made for. Nothing of it is believed: the task only looks
   * now instead of later. From the body just the id is read, and only for an attempt whose own answer was lost; what it names is
   * then asked about with our key. Never throws for a token that is unknown.
   */
  runninghub(hint: { token: string; body?: unknown }): Promise<void>;
};

const DAY_MS = 86_400_000;
const bodySchema = z.looseObject({ taskId: hubIdSchema });
const tokenSchema = z.string().regex(/^[\w-]{43}$/);

export function createHints({ db, clock, signals }: HintsDeps): Hints {
  return {
    runninghub: async ({ token, body }) => {
      if (!tokenSchema.safeParse(token).success) return;
      const attempt = await findHinted(db, hintHashOf(token));
      if (attempt === undefined) return;
      const now = clock.now();
      const vendorRef = bodySchema.safeParse(body).data?.taskId;
      await inTransaction(db, async (tx) => {
        if (vendorRef !== undefined && attempt.vendor_ref === null)
          await claimVendorRef(
            tx,
            { id: attempt.id, providerRef: attempt.provider_ref },
            { vendorRef, since: new Date(now.getTime() - DAY_MS) },
          );
        await hurryJob(tx, attempt.task_id, now);
      });
      signals.nudge();
    },
  };
}
