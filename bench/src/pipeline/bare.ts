import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** `count` jobs added in bulk and done by a handler: the time from the first addition to the last completion, in ms. */
export async function measureBare(
  redisUrl: string,
  load: { count: number; concurrency: number },
  work: (index: number) => Promise<void>,
): Promise<number> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const name = `bare-${Date.now().toString(36)}`;
  const queue = new Queue(name, { connection, prefix: '{bench}' });
  const done = Promise.withResolvers<void>();
  let ended = 0;
  const worker = new Worker<{ index: number }>(
    name,
    async (job) => {
      await work(job.data.index);
      ended += 1;
      if (ended === load.count) done.resolve();
    },
    { connection, prefix: '{bench}', concurrency: load.concurrency, removeOnComplete: { count: 0 } },
  );
  await worker.waitUntilReady();
  const began = performance.now();
  for (let from = 0; from < load.count; from += 100)
    await queue.addBulk(Array.from({ length: 100 }, (_, index) => ({ name: 'job', data: { index: from + index } })));
  await done.promise;
  const tookMs = performance.now() - began;
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  connection.disconnect();
  return tookMs;
}
