import { Worker } from 'node:worker_threads';
import { ImageRefused } from './image-refused.ts';
import type { JobAnswer, JobKind, JobRequest, Jobs } from './job.ts';

/** The engine broke, as opposed to refusing the picture: the same bytes may succeed elsewhere or later. */
export class ImageEngineFailed extends Error {
  readonly kind: 'timeout' | 'crash' | 'closed' | 'error';

  constructor(kind: 'timeout' | 'crash' | 'closed' | 'error', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImageEngineFailed';
    this.kind = kind;
  }
}

type PoolOptions = { workerUrl: URL; threads: number; timeoutMs: number };

type Pending = { request: JobRequest; resolve: (output: unknown) => void; reject: (error: Error) => void };

type Slot = { worker: Worker | undefined; job: Pending | undefined; timer: NodeJS.Timeout | undefined };

export type WorkerPool = {
  run: <K extends JobKind>(kind: K, input: Jobs[K]['input']) => Promise<Jobs[K]['output']>;
  close: () => Promise<void>;
};

/**
 * First come, first served over a fixed number of threads. A thread does one job at a time, so a crash or a timeout
 * costs exactly that job; the thread is replaced when the next job needs it.
 */
export function createWorkerPool(options: PoolOptions): WorkerPool {
  const slots: Slot[] = Array.from({ length: options.threads }, () => ({
    worker: undefined,
    job: undefined,
    timer: undefined,
  }));
  const queue: Pending[] = [];
  let closed = false;

  function next(): void {
    const slot = slots.find((each) => each.job === undefined);
    const job = slot === undefined ? undefined : queue.shift();
    if (slot === undefined || job === undefined) return;
    slot.job = job;
    slot.worker ??= start(slot);
    slot.worker.ref();
    slot.timer = setTimeout(
      () => lose(slot, failure('timeout', `no answer in ${options.timeoutMs} ms`)),
      options.timeoutMs,
    );
    slot.worker.postMessage(job.request, []);
  }

  function start(slot: Slot): Worker {
    const worker = new Worker(options.workerUrl);
    worker.on('message', (answer: JobAnswer) => {
      if (slot.worker === worker) finish(slot, answer);
    });
    worker.on('error', (error) => {
      if (slot.worker === worker) lose(slot, failure('crash', 'the image thread crashed', error));
    });
    worker.on('exit', (code) => {
      if (slot.worker === worker) lose(slot, failure('crash', `the image thread exited with ${code}`));
    });
    return worker;
  }

  function release(slot: Slot): Pending | undefined {
    const { job } = slot;
    clearTimeout(slot.timer);
    slot.job = undefined;
    slot.timer = undefined;
    return job;
  }

  function finish(slot: Slot, answer: JobAnswer): void {
    const job = release(slot);
    // An idle thread must not keep the process alive.
    slot.worker?.unref();
    if (answer.status === 'done') job?.resolve(answer.output);
    else if (answer.status === 'refused') job?.reject(new ImageRefused(answer.reason, answer.details));
    else job?.reject(failure('error', answer.message, answer.stack));
    next();
  }

  function lose(slot: Slot, error: Error): void {
    const { worker } = slot;
    slot.worker = undefined;
    const job = release(slot);
    void worker?.terminate();
    job?.reject(error);
    next();
  }

  return {
    run: (kind, input) => {
      if (closed) return Promise.reject(failure('closed', 'the image engine is closed'));
      return new Promise((resolve, reject) => {
        const request = { kind, input } as JobRequest;
        queue.push({ request, resolve: (output) => resolve(output as Jobs[typeof kind]['output']), reject });
        next();
      });
    },
    close: async () => {
      closed = true;
      const error = failure('closed', 'the image engine was closed');
      for (const job of queue.splice(0)) job.reject(error);
      await Promise.all(
        slots.map(async (slot) => {
          const { worker } = slot;
          slot.worker = undefined;
          release(slot)?.reject(error);
          await worker?.terminate();
        }),
      );
    },
  };
}

function failure(kind: 'timeout' | 'crash' | 'closed' | 'error', message: string, cause?: unknown): ImageEngineFailed {
  return new ImageEngineFailed(kind, message, cause === undefined ? undefined : { cause });
}
