import { setTimeout as pause } from 'node:timers/promises';
import type { CallLog } from '../call-log.ts';
import { postOnce, repeat } from '../notify.ts';
import { VendorError } from '../vendor-call.ts';
import { envelopeRefusal, numberIdsIn } from './codes.ts';
import { outputsAnswer } from './outputs.ts';
import { bentBy, type Task } from './task.ts';

/** Pauses before the retries, in seconds. */
const RETRY_SCHEDULE_S = [10, 30, 60] as const;

/** Tells the caller that a task is over. Nothing is signed: whoever knows the address can say the same. */
export type WebhookSender = {
  /** Until it is acknowledged or the schedule ends. Does not wait. */
  announce(task: Task): void;
  /** By fault: before the creation is answered, and then never again. */
  announceEarly(task: Task): Promise<void>;
  stop(): void;
};

type Deps = { timeScale: number; notifyTimeoutMs: number; log: CallLog; now: () => Date };

export function createWebhookSender(deps: Deps): WebhookSender {
  let stopping = new AbortController();

  const send = async (task: Task, attempt: number, kind: string): Promise<boolean> => {
    if (task.webhookUrl === undefined) return true;
    const stopped = stopping.signal;
    const status = await postOnce(task.webhookUrl, {
      headers: { 'Content-Type': 'application/json' },
      body: bodyOf(task, kind),
      signal: AbortSignal.any([AbortSignal.timeout(deps.notifyTimeoutMs), stopped]),
    });
    if (stopped.aborted) return true;
    task.webhooks.push({ at: deps.now().toISOString(), attempt, kind, status });
    deps.log.add({
      vendor: 'runninghub',
      action: 'Webhook',
      ids: { ...task.ids, taskId: task.id, attempt: String(attempt) },
      status,
      ...(kind === 'plain' ? {} : { fault: kind }),
    });
    return status !== null && status >= 200 && status < 300;
  };

  const firstTry = async (task: Task): Promise<boolean> => {
    const late = bentBy(task, 'webhook_late');
    if (late !== undefined) await pause(late.ms, undefined, { signal: stopping.signal });
    const duplicate = bentBy(task, 'webhook_duplicate');
    if (duplicate !== undefined) {
      const answered = await repeat(duplicate, () => send(task, 0, 'webhook_duplicate'));
      return answered.some(Boolean);
    }
    const forged = bentBy(task, 'webhook_forged') !== undefined;
    return send(task, 0, forged ? 'webhook_forged' : 'plain');
  };

  const announce = async (task: Task): Promise<void> => {
    const { signal } = stopping;
    if (await firstTry(task)) return;
    for (const [index, seconds] of RETRY_SCHEDULE_S.entries()) {
      await pause(seconds * 1000 * deps.timeScale, undefined, { signal });
      if (await send(task, index + 1, 'plain')) return;
    }
  };

  return {
    announce(task) {
      const isSilent = bentBy(task, 'webhook_never') ?? bentBy(task, 'webhook_early');
      if (task.webhookUrl === undefined || isSilent !== undefined) return;
      announce(task).catch((error: unknown) => {
        if (!stopping.signal.aborted && !(error instanceof Error && error.name === 'AbortError')) throw error;
      });
    },
    async announceEarly(task) {
      if (bentBy(task, 'webhook_early') !== undefined) await send(task, 0, 'webhook_early');
    },
    stop() {
      stopping.abort();
      stopping = new AbortController();
    },
  };
}

/** The event's data is the whole answer of `/outputs`, as text. A forged one names a task that never was. */
function bodyOf(task: Task, kind: string): string {
  const plain = JSON.stringify({ event: 'TASK_END', taskId: task.id, eventData: eventData(task) });
  const text = bentBy(task, 'number_ids') === undefined ? plain : numberIdsIn(plain);
  return kind === 'webhook_forged' ? text.replaceAll(task.id, `1${task.id.slice(1, -1)}0`) : text;
}

function eventData(task: Task): string {
  try {
    return JSON.stringify(outputsAnswer(task));
  } catch (error) {
    if (error instanceof VendorError) return envelopeRefusal(error).body.toString('utf8');
    throw error;
  }
}
