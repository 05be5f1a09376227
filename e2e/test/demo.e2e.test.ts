import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@yunshang/devstack';
import { expect, test } from 'vitest';
import { smallPhoto } from '../src/members.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

function demo(args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=yunshang-src', 'e2e/src/demo.ts', ...args], { cwd: ROOT });
  const seen = { output: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (seen.output += chunk.toString()));
  return { child, seen };
}

test(
  'the demo with a photo and --keep: every step true, the stack up until it is interrupted, the page written',
  { timeout: 90_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ys-demo-'));
    const photo = join(folder, 'my photo.jpg');
    await writeFile(photo, await smallPhoto());
    const { child, seen } = demo([photo, '--keep']);
    try {
      const api = await until(() => /stack stays up: API (\S+),/.exec(seen.output)?.[1], {
        what: `the stack to stay up`,
        timeoutMs: 60_000,
      });
      expect(seen.output).toContain('✓ 全部步骤已验证');
      expect((await fetch(`${api}/health/ready`)).status).toBe(200);
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      expect(code).toBe(0);
      await expect(fetch(`${api}/health/live`)).rejects.toThrow('fetch failed');
      const page = await readFile(join(ROOT, 'demo-output', 'index.html'), 'utf8');
      expect(page).toContain('my photo.jpg');
      expect(page).toContain('task_failed');
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true });
    }
  },
);

test('a photo that is not there and an unknown flag are said so, with exit code 2', async () => {
  for (const args of [['no-such-photo.jpg'], ['--fast']]) {
    const { child, seen } = demo(args);
    const [code] = await once(child, 'exit');
    expect(code).toBe(2);
    expect(seen.output).toMatch(/读不到照片|不认识的参数/);
  }
});
