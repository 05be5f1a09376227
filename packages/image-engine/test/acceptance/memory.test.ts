import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/measure-peak.ts', import.meta.url));

it('cleans a 768 x 1024 picture within 400 MB of memory, node included', { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env: {} });
  const { peakMb, times }: { peakMb: number; times: number[] } = JSON.parse(stdout);
  expect(times).toHaveLength(1);
  expect(peakMb).toBeLessThanOrEqual(400);
});
