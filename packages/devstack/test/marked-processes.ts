import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A script that runs, the JSON of the first line it said, and the mark all its descendants carry. */
export type Holder = { process: ChildProcess; mark: string; said: unknown };

/** Starts a script of `fixtures` with services of its own and waits for its first line. */
export async function holdFixture(name: string, args: readonly string[] = []): Promise<Holder> {
  const mark = randomUUID();
  const script = join(import.meta.dirname, 'fixtures', name);
  const child = spawn(process.execPath, ['--conditions=yunshang-src', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, MARK: mark, DATABASE_URL: '', REDIS_URL: '' },
  });
  for await (const line of createInterface(child.stdout)) return { process: child, mark, said: JSON.parse(line) };
  throw new Error(`${name} ended before it said anything`);
}

/** Ids of every process that inherited the mark in its environment. */
export function processesMarked(mark: string): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(mark));
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return ''; // it ended, or it is not ours
  }
}
