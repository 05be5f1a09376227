import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createSandbox, generateSandboxCredentials, readConfig } from '../src/index.ts';

const MAIN = path.resolve(import.meta.dirname, '../src/main.ts');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sandbox-'));
});
afterAll(() => rm(folder, { recursive: true }));

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--conditions=yunshang-src', MAIN], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  return { child, output };
}

async function readyLine(output: { stdout: string }): Promise<{ ready: boolean; port: number }> {
  await vi.waitFor(() => expect(output.stdout).toContain('\n'), { timeout: 10_000, interval: 20 });
  return JSON.parse(output.stdout);
}

it('says in one line of JSON where it listens, and ends with its stdin', async () => {
  const { env } = await generateSandboxCredentials();
  const { child, output } = start({ ...env, SANDBOX_EXIT_WITH_STDIN: '1' });
  const { ready, port } = await readyLine(output);
  expect(ready).toBe(true);
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('makes credentials once, keeps them for the owner alone, and ends on SIGTERM', async () => {
  const file = path.join(folder, 'kept.json');
  const seen: string[] = [];
  for (let n = 0; n < 2; n += 1) {
    const { child, output } = start({ SANDBOX_CREDENTIALS_FILE: file });
    await readyLine(output);
    seen.push(await readFile(file, 'utf8'));
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }
  expect(seen[1]).toBe(seen[0]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('adds to the kept credentials what a file of an older sandbox lacks', async () => {
  const { env, client } = await generateSandboxCredentials();
  const { SANDBOX_RUNNINGHUB_KEY_A: _envKey, ...olderEnv } = env;
  const { runninghubKeyA: _clientKey, ...olderClient } = client;
  const file = path.join(folder, 'older.json');
  await writeFile(file, JSON.stringify({ env: olderEnv, client: olderClient }));
  const { child, output } = start({ SANDBOX_CREDENTIALS_FILE: file });
  await readyLine(output);
  child.kill('SIGTERM');
  await once(child, 'exit');
  const kept = JSON.parse(await readFile(file, 'utf8'));
  expect(kept).toMatchObject({ env: olderEnv, client: olderClient });
  expect(kept.env.SANDBOX_RUNNINGHUB_KEY_A).toBe(kept.client.runninghubKeyA);
});

it('refuses to start with NODE_ENV=production, in both languages', async () => {
  const { env } = await generateSandboxCredentials();
  const { child, output } = start({ ...env, NODE_ENV: 'production' });
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(output.stderr).toMatch(/生产环境.*refuses to start/s);
  vi.stubEnv('NODE_ENV', 'production');
  expect(() => createSandbox(readConfig(env))).toThrow('NODE_ENV=production');
  vi.unstubAllEnvs();
});

it('names what is wrong in its configuration, and no value', async () => {
  const { env } = await generateSandboxCredentials();
  const wrong = { ...env, SANDBOX_WECHAT_API_V3_KEY: 'too-short-secret' };
  expect(() => readConfig(wrong)).toThrow(/SANDBOX_WECHAT_API_V3_KEY: must be 32 bytes/);
  expect(() => readConfig(wrong)).not.toThrow(/too-short-secret/);
});
