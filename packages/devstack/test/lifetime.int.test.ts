import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createDatabase } from '../src/database.ts';
import { startProcess } from '../src/node-process.ts';
import { until } from '../src/poll.ts';
import { holdFixture, processesMarked, type Holder } from './marked-processes.ts';

const started = z.object({ databaseUrl: z.string(), redisUrl: z.string(), childUrl: z.string() });
type Held = z.infer<typeof started> & Pick<Holder, 'process' | 'mark'>;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

test('kill -9 of the parent leaves no server, no Node child and no grandchild', async () => {
  const holder = await hold();
  expect(processesMarked(holder.mark).length).toBeGreaterThanOrEqual(8);

  holder.process.kill('SIGKILL');

  await until(() => processesMarked(holder.mark).length === 0, { what: 'every process to be gone' });
});

test('a parent that stops cleanly leaves no process, no folder and no socket', async () => {
  const holder = await hold();
  const socket = new URL(holder.databaseUrl).searchParams.get('socketPath') ?? '';

  holder.process.kill('SIGTERM');
  await once(holder.process, 'exit');

  await until(() => processesMarked(holder.mark).length === 0, { what: 'every process to be gone' });
  expect(readdirSync('.data').filter((name) => name.startsWith(`run-${holder.process.pid}-`))).toEqual([]);
  expect(() => readdirSync(join(socket, '..'))).toThrow('ENOENT');
});

test('two runs in one checkout stand side by side', async () => {
  const [one, other] = await Promise.all([hold(), hold()]);

  expect(
    new Set([one.databaseUrl, other.databaseUrl, one.redisUrl, other.redisUrl, one.childUrl, other.childUrl]).size,
  ).toBe(6);
  for (const holder of [one, other]) {
    const database = await createDatabase(holder, 'beside');
    expect(new URL(database.databaseUrl).pathname).toBe('/beside');
    await database.drop();
  }
});

test('what a dead run left behind goes at the next start', async () => {
  const dead = await hold();
  dead.process.kill('SIGKILL');
  await until(() => processesMarked(dead.mark).length === 0, { what: 'every process to be gone' });

  await hold();

  expect(readdirSync('.data').filter((name) => name.startsWith(`run-${dead.process.pid}-`))).toEqual([]);
});

test('a process restarts on its own port after kill -9', async () => {
  const child = await startSaysReady();
  const { port, pid } = child;

  child.kill('SIGKILL');
  expect(await child.exited()).toBe(137);
  await child.restart();

  expect(child.port).toBe(port);
  expect(child.pid).not.toBe(pid);
  expect(await (await fetch(child.url)).text()).toBe(String(child.pid));
});

test('a process that ignores TERM is killed', async () => {
  const child = await startSaysReady({ STUBBORN: '1' });

  await child.stop();

  expect(isAlive(child.pid)).toBe(false);
});

test('a process that cannot start tells the end of its log', async () => {
  const options = { name: 'missing', main: 'packages/devstack/test/no-such-file.ts', folder: temporaryFolder() };

  await expect(startProcess(options)).rejects.toThrow(/missing did not start[\s\S]*no-such-file/);
});

async function hold(): Promise<Held> {
  const holder = await holdFixture('holds-everything.ts', [temporaryFolder()]);
  cleanups.push(async () => {
    holder.process.kill('SIGKILL');
    await until(() => processesMarked(holder.mark).length === 0, { what: 'every process to be gone' });
  });
  return { ...started.parse(holder.said), process: holder.process, mark: holder.mark };
}

async function startSaysReady(env: Record<string, string> = {}) {
  const main = 'packages/devstack/test/fixtures/says-ready.ts';
  const child = await startProcess({ name: 'child', main, folder: temporaryFolder(), portVariable: 'PORT', env });
  cleanups.push(() => child.stop());
  return child;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ys-test-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
