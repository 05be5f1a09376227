import { connect as connectSocket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { appEnvironment, startProcess, until, type NodeProcess } from '@yunshang/devstack';
import { testDatabase, testRedisUrl, testSandbox } from '@yunshang/devstack/testing';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, startEdge } from './edge.ts';

describe('the address of a client', () => {
  it('is not taken from a header of somebody who is no proxy of ours', async () => {
    const edge = await startEdge({ TRUST_PROXY: '', RATE_LIMIT_PER_ADDRESS: '20' });
    const statuses: number[] = [];
    for (let i = 0; i < 25; i += 1)
      statuses.push((await call(`${edge.url}/api/plans`, { headers: { 'x-forwarded-for': `10.7.0.${i}` } })).status);
    await edge.close();
    expect(statuses.filter((status) => status === 429).length).toBe(5);
  });
});

async function withProcess(env: Record<string, string>, work: (server: NodeProcess) => Promise<void>): Promise<void> {
  const [database, redisUrl, sandbox] = await Promise.all([testDatabase(), testRedisUrl(), testSandbox()]);
  const folder = mkdtempSync(join(tmpdir(), 'server-'));
  const variables = appEnvironment({
    databaseUrl: database.databaseUrl,
    redisUrl,
    publicUrl: 'http://127.0.0.1:1',
    vendorUrl: sandbox.url,
    settings: sandbox.settings,
  });
  const server = await startProcess({
    name: 'server',
    main: 'apps/server/src/main.ts',
    folder,
    portVariable: 'PORT',
    env: { ...variables, ...env },
  });
  try {
    await work(server);
  } finally {
    await server.stop();
    await database.close();
    rmSync(folder, { recursive: true });
  }
}

describe('the process', () => {
  it('lets a request in flight finish, cuts idle connections, and ends within seconds of SIGTERM', async () => {
    await withProcess({}, async (server) => {
      await call(`${server.url}/api/plans`); // leaves a kept-alive connection behind
      const socket = connectSocket(server.port ?? 0, '127.0.0.1');
      const body = '{"refreshToken":"not-a-token-but-long-enough"}';
      socket.write(
        `POST /api/auth/refresh HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      let answer = '';
      socket.on('data', (chunk) => (answer += String(chunk)));
      await until(async () => (await call(`${server.url}/health/live`)).status === 200);
      const from = performance.now();
      server.kill('SIGTERM');
      await until(() => readFileSync(server.logFile, 'utf8').includes('shutting down'));
      socket.write(body);
      expect(await server.exited()).toBe(0);
      expect(performance.now() - from).toBeLessThan(5_000);
      expect(answer).toContain('HTTP/1.1 401');
    });
  });

  it('logs what nobody caught without what it carries: a rejection is survived, an exception ends it', async () => {
    // Put together at run time: the frames of a stack name the module's address, which is its source.
    const module = `const broken = () => Object.assign(new Error('broken'), { sql: ['SECRET', 'INPUT'].join('-') });
      process.on('SIGUSR2', () => void Promise.reject(broken()));
      process.on('SIGWINCH', () => { throw broken(); });`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(module)}`;
    await withProcess({ NODE_OPTIONS }, async (server) => {
      const log = (): string => readFileSync(server.logFile, 'utf8');
      server.kill('SIGUSR2');
      await until(() => log().includes('a rejection nobody handled'));
      expect((await call(`${server.url}/health/live`)).status).toBe(200);
      server.kill('SIGWINCH');
      expect(await server.exited()).toBe(1);
      expect(log()).toContain('an exception nobody caught');
      expect(log()).not.toContain('SECRET-INPUT');
    });
  });

  it('says metrics on the loopback port it was given', async () => {
    await withProcess({ METRICS_PORT: '0' }, async (server) => {
      const ready = readFileSync(server.logFile, 'utf8')
        .split('\n')
        .find((line) => line.includes('"ready":true'));
      const { metricsPort } = JSON.parse(ready ?? '{}');
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      expect(text).toContain('yunshang_process_cpu_seconds_total');
    });
  });

  it('does not start with a setting missing, and names it', async () => {
    await expect(withProcess({ WECHAT_API_V3_KEY: 'short', PHONE_KEYS: '' }, async () => {})).rejects.toThrow(
      /PHONE_KEYS: is missing[\s\S]*WECHAT_API_V3_KEY: must be 32 characters/,
    );
  });
});
