import { AppError, JOBS, isJobName, type JobName } from '@yunshang/contracts';
import { Queue } from 'bullmq';
import { FAIL_FAST, closeConnection, firstContact, openConnection } from './connection.ts';
import { readJobId } from './job-id.ts';
import { JOB_NAMES, KEY_PREFIX } from './keys.ts';
import { silentLog, type QueueLog } from './queue-log.ts';

/** A row of the outbox on its way: unchecked, since another version of the program may have written it. */
export type Delivery = { job: string; payload: unknown; jobId: string };
/** Why a delivery was not added. Never quotes the payload. */
export type Refusal = { jobId: string; reason: string };
export type QueueCounts = Record<JobName, { waiting: number; active: number }>;

export type JobQueue = {
  /**
   * Adds what is valid and returns what is not. A job id that Redis still holds is added once. Throws SERVICE_UNAVAILABLE
   * at once when Redis is away; then some may have been added and others not.
   */
  addMany(deliveries: readonly Delivery[]): Promise<Refusal[]>;
  /** Jobs in Redis by kind. Throws SERVICE_UNAVAILABLE when Redis is away. */
  counts(): Promise<QueueCounts>;
  close(): Promise<void>;
};

/** BullMQ only carries: every retry is a new delivery from the outbox, so nothing is kept or retried in Redis. */
const CARRY_ONCE = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;
/** Nobody reads BullMQ's event streams; this many entries remain for whoever debugs. */
const KEPT_EVENTS = 100;

/** The sending side: one queue per job of the catalogue. */
export function createQueue(redisUrl: string, { log = silentLog }: { log?: QueueLog } = {}): JobQueue {
  const connection = openConnection(redisUrl, 'yunshang-queue', FAIL_FAST, log);
  const contact = firstContact(connection);
  const queues = new Map(JOB_NAMES.map((name) => [name, openQueue(name)]));

  function openQueue(name: JobName): Queue {
    const queue = new Queue(name, {
      connection,
      prefix: KEY_PREFIX,
      skipVersionCheck: true, // its INFO would fail for good if Redis went away during it
      defaultJobOptions: CARRY_ONCE,
      streams: { events: { maxLen: KEPT_EVENTS } },
    });
    queue.on('error', () => {}); // the connection has told it already
    return queue;
  }

  async function reaching<T>(work: () => Promise<T>): Promise<T> {
    await contact;
    if (connection.status !== 'ready') throw unavailable(undefined);
    try {
      return await work();
    } catch (error) {
      throw unavailable(error);
    }
  }

  return {
    addMany: async (deliveries) => {
      const { valid, refused } = sortOut(deliveries);
      await reaching(() => Promise.all([...valid].map(async ([name, jobs]) => queues.get(name)?.addBulk(jobs))));
      return refused;
    },
    counts: () => reaching(() => countAll(queues)),
    close: async () => {
      await closeConnection(connection);
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => undefined)));
    },
  };
}

type Added = { name: JobName; data: unknown; opts: { jobId: string } };

function sortOut(deliveries: readonly Delivery[]): { valid: Map<JobName, Added[]>; refused: Refusal[] } {
  const valid = new Map<JobName, Added[]>();
  const refused: Refusal[] = [];
  for (const { job, payload, jobId } of deliveries) {
    const reason = whyInvalid(job, payload) ?? (readJobId(jobId) === undefined ? 'malformed job id' : undefined);
    if (reason !== undefined || !isJobName(job)) {
      refused.push({ jobId, reason: reason ?? 'unknown job' });
      continue;
    }
    // The payload goes on as it came: a newer consumer may need members this version does not know.
    const added = { name: job, data: payload, opts: { jobId } };
    valid.set(job, [...(valid.get(job) ?? []), added]);
  }
  return { valid, refused };
}

/** Why the payload does not fit the job, without quoting it; undefined when it fits. */
export function whyInvalid(job: string, payload: unknown): string | undefined {
  if (!isJobName(job)) return 'unknown job';
  const parsed = JOBS[job].safeParse(payload);
  if (parsed.success) return undefined;
  return `payload: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.code}`).join(', ')}`;
}

async function countAll(queues: ReadonlyMap<JobName, Queue>): Promise<QueueCounts> {
  const empty = { waiting: 0, active: 0 };
  const counts: QueueCounts = {
    'task.run': empty,
    'order.reconcile': empty,
    'refund.send': empty,
    'campaign.push': empty,
    'reconciliation.run': empty,
    'batch.zip': empty,
    'asset.remove': empty,
    'notice.sms': empty,
  };
  const counted = [...queues].map(async ([name, queue]) => {
    const of = await queue.getJobCounts('wait', 'prioritized', 'active');
    counts[name] = {
      waiting: (of['wait'] ?? 0) + (of['prioritized'] ?? 0),
      active: of['active'] ?? 0,
    };
  });
  await Promise.all(counted);
  return counts;
}

function unavailable(cause: unknown): AppError {
  return new AppError('SERVICE_UNAVAILABLE', { reason: 'queue' }, { cause });
}
