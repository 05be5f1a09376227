import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../src/poll.ts';
import { holdFixture, processesMarked, type Holder } from './marked-processes.ts';

const said = z.object({ serverUrl: z.url(), databaseUrl: z.string() });
const holders: Holder[] = [];
afterEach(() => {
  for (const holder of holders.splice(0)) holder.process.kill('SIGKILL');
});

test(
  'two stacks stand side by side, and kill -9 of their parents leaves nothing of either',
  { timeout: 90_000 },
  async () => {
    const stacks = await Promise.all([holdFixture('holds-a-stack.ts'), holdFixture('holds-a-stack.ts')]);
    holders.push(...stacks);
    const [one, other] = stacks.map((holder) => said.parse(holder.said));
    expect(one?.serverUrl).not.toBe(other?.serverUrl);
    expect(one?.databaseUrl).not.toBe(other?.databaseUrl);
    for (const stack of [one, other]) {
      // Redis may still be connecting when the server says that it listens.
      const isReady = async (): Promise<boolean> =>
        (await (await fetch(`${stack?.serverUrl}/health/ready`)).text()).includes('"status":"ready"');
      await until(isReady, { what: 'database and Redis to be up' });
    }

    for (const { process } of stacks) process.kill('SIGKILL');

    for (const { mark } of stacks) {
      await until(() => processesMarked(mark).length === 0, { timeoutMs: 20_000, what: 'every process to be gone' });
    }
  },
);
