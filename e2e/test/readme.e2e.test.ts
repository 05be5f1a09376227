import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startStack, type Stack } from '@yunshang/devstack';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { scanAndPay } from '../src/journey.ts';
import { smallPhoto } from '../src/members.ts';
import { whiteRing } from '../src/pictures.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const PHONE = '+8613900139000';
let stack: Stack;

vi.setConfig({ testTimeout: 90_000 });

beforeAll(async () => {
  stack = await startStack({ timeScale: 0.01 });
});
afterAll(() => stack?.stop());

test('the SDK example of the README runs as it stands', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const example = /^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? '';
  expect(example).toContain('createYunshang');
  // Inside e2e, so that it finds the SDK as a dependent package would.
  const folder = await mkdtemp(join(ROOT, 'e2e', '.readme-'));
  try {
    await writeFile(join(folder, 'example.ts'), example);
    await writeFile(join(folder, 'photo.jpg'), await smallPhoto());
    const child = spawn(process.execPath, ['--conditions=yunshang-src', 'example.ts'], {
      cwd: folder,
      env: { ...process.env, YUNSHANG_URL: stack.server.url },
    });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    for await (const chunk of child.stdout) {
      const text = String(chunk);
      output += text;
      if (text.includes('code from the SMS')) child.stdin.write(`${await stack.sandbox.control.smsCode(PHONE)}\n`);
      const code = /weixin:\S+/.exec(text)?.[0];
      if (code !== undefined) await scanAndPay(stack, code);
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect(output).toContain('scan to pay ¥99');
    expect(output).toContain('1 quota charged 99');
    expect(child.exitCode).toBe(0);
    expect(await whiteRing(await readFile(join(folder, 'clean.jpg')))).toBeGreaterThan(0.99);
  } finally {
    await rm(folder, { recursive: true });
  }
});
