import { afterEach, describe, expect, it } from 'vitest';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

const workerUrl = new URL('../test/fixtures/odd-worker.ts', import.meta.url);
const pools: WorkerPool[] = [];

function pool(options: { threads?: number; timeoutMs?: number } = {}): WorkerPool {
  const made = createWorkerPool({ workerUrl, threads: 1, timeoutMs: 10_000, ...options });
  pools.push(made);
  return made;
}

const job = (command: number, value = 0) => ({ bytes: Uint8Array.of(command, value) });

afterEach(async () => {
  await Promise.all(pools.splice(0).map((each) => each.close()));
});

describe('the worker pool', () => {
  it('answers every job, in the order asked', async () => {
    const { run } = pool();
    const answers = await Promise.all([1, 2, 3, 4].map((value) => run('cutOut', job(0, value))));
    expect(answers).toEqual([{ echo: 1 }, { echo: 2 }, { echo: 3 }, { echo: 4 }]);
  });

  it('rejects the job of a thread that dies, and only that one', async () => {
    const { run } = pool();
    const settled = await Promise.allSettled([
      run('cutOut', job(0, 1)),
      run('cutOut', job(1)),
      run('cutOut', job(0, 2)),
    ]);
    expect(settled.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(run('cutOut', job(2))).rejects.toMatchObject({ name: 'ImageEngineFailed', kind: 'crash' });
    expect(await run('cutOut', job(0, 3))).toEqual({ echo: 3 });
  });

  it('ends a thread that runs late, and goes on with a new one', async () => {
    const { run } = pool({ timeoutMs: 400 });
    for (const stuck of [3, 4]) {
      await expect(run('cutOut', job(stuck))).rejects.toMatchObject({ name: 'ImageEngineFailed', kind: 'timeout' });
    }
    expect(await pool().run('cutOut', job(0, 4))).toEqual({ echo: 4 });
  });

  it('hands refusals and failures over as errors of their own kind', async () => {
    const { run } = pool();
    await expect(run('cutOut', job(5, 7))).rejects.toMatchObject({
      name: 'ImageRefused',
      reason: 'corrupt',
      details: { value: 7 },
    });
    await expect(run('cutOut', job(6))).rejects.toMatchObject({
      name: 'ImageEngineFailed',
      kind: 'error',
      message: 'broke',
    });
  });

  it('works on as many jobs at once as it has threads', async () => {
    const { run } = pool({ threads: 2 });
    const stuck = run('cutOut', job(3)).catch((error: unknown) => error);
    expect(await run('cutOut', job(0, 5))).toEqual({ echo: 5 });
    await pools[0]?.close();
    expect(await stuck).toMatchObject({ kind: 'closed' });
  });

  it('rejects what is under way and what comes later once closed', async () => {
    const closing = pool();
    const waiting = [closing.run('cutOut', job(3)), closing.run('cutOut', job(0))];
    const settled = Promise.allSettled(waiting);
    await closing.close();
    expect((await settled).map((each) => each.status)).toEqual(['rejected', 'rejected']);
    await expect(closing.run('cutOut', job(0))).rejects.toMatchObject({ kind: 'closed' });
  });
});
