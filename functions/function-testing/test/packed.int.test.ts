import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { Invocation } from '@yunshang/callback';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPlatform } from '../src/index.ts';
import type { Platform, StoredFile } from '../src/index.ts';

const root = join(import.meta.dirname, '../../..');
const node = findNode20();

let platform: Platform;
let folder: string;
beforeAll(async () => {
  platform = await startPlatform();
  folder = await mkdtemp(join(tmpdir(), 'ys-packed-'));
  await promisify(execFile)(process.execPath, [
    join(root, 'scripts/pack-functions.mjs'),
    '--folders-only',
    `--out=${folder}`,
  ]);
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true });
});

function isNode20(executable: string): boolean {
  try {
    return execFileSync(executable, ['--version'], { encoding: 'utf8', stdio: 'pipe' }).startsWith('v20.');
  } catch {
    return false;
  }
}

/** The platform's runtime is Node 20; where it is not installed, this one has to do. */
function findNode20(): string {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'node'));
  return candidates.find(isNode20) ?? process.execPath;
}

/** As the platform does: a process of its own that knows the function's folder and its variables, and nothing else. */
async function invoke(event: Invocation): Promise<unknown> {
  const file = join(folder, event.function, 'index.js');
  const child = spawn(node, [join(root, 'functions/run.mjs'), file], {
    cwd: folder,
    env: { ...platform.environment, TMPDIR: folder, FONTCONFIG_FILE: join(folder, 'no-fonts.conf') },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end(JSON.stringify(event));
  return json(child.stdout);
}

/** 16 × 16 blue pixels. */
function picture(): StoredFile {
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mMQiTpBEmIY1TCqYfhqAAAa1jYQPSIrfwAAAABJRU5ErkJggg==';
  return { bytes: Buffer.from(png, 'base64'), contentType: 'image/png' };
}

describe('packed, and run on its own', () => {
  test.each([
    {
      function: 'poster-composer',
      input: { title: '秋装上新' },
      downloads: { image: picture() },
      uploads: { image: 'image/jpeg' },
    },
    { function: 'image-grid', downloads: { images: [picture(), picture()] }, uploads: { image: 'image/png' } },
    {
      function: 'video-composer',
      input: { title: '合辑', secondsPerImage: 1 },
      downloads: { images: [picture(), picture()] },
      uploads: { video: 'video/mp4' },
    },
    {
      function: 'text-templates',
      input: { title: '真丝衬衫', points: '亲肤' },
      uploads: { texts: 'text/plain; charset=utf-8' },
    },
  ])('$function works', async (job) => {
    const event = platform.invocation(job);
    expect(await invoke(event)).toEqual({ jobId: event.jobId, status: 'succeeded' });
    expect(platform.callbacks.at(-1)?.body).toMatchObject({ jobId: event.jobId, status: 'succeeded' });
    expect(platform.refusals).toEqual([]);
    const [upload] = event.uploads;
    expect(platform.uploaded(upload?.key ?? '')?.bytes.byteLength).toBeGreaterThan(100);
  });
});
