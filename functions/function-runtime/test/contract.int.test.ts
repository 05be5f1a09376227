import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startPlatform } from '@yunshang/function-testing';
import type { JobToInvoke, Platform } from '@yunshang/function-testing';
import { createHandler, FunctionFailure, readFunctionConfig } from '../src/index.ts';
import type { FunctionConfig, Job, Work } from '../src/index.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterEach(() => platform.forget());
afterAll(() => platform.stop());

const picture = { bytes: Buffer.from('a picture, as far as this function cares'), contentType: 'image/png' };
const job: JobToInvoke = { function: 'copier', downloads: { image: picture }, uploads: { image: 'image/png' } };
const copy: Work = async (given: Job) => ({ image: { bytes: await given.image('image'), width: 10, height: 20 } });

function handlerOf(
  work: Work,
  { timeLimitMs = 5_000, config = {} }: { timeLimitMs?: number; config?: Partial<FunctionConfig> } = {},
) {
  return createHandler({
    name: 'copier',
    work,
    timeLimitMs,
    readConfig: () => ({ ...readFunctionConfig(platform.environment), ...config }),
    callbackPausesMs: [1, 1, 1],
    transferPausesMs: [1, 1],
  });
}

/** Invokes once and gives what the server was told. */
async function told(work: Work, changes: Partial<JobToInvoke> = {}) {
  await handlerOf(work)(platform.invocation({ ...job, ...changes }));
  expect(platform.refusals).toEqual([]);
  return platform.callbacks.at(-1)?.body;
}

describe('a job that works', () => {
  test('puts its result where it was told to and says so in a callback that verifies', async () => {
    const event = platform.invocation(job);
    const answer = await handlerOf(copy)(event);
    expect(answer).toEqual({ jobId: event.jobId, status: 'succeeded' });
    const key = `results/${event.jobId}/image`;
    expect(platform.uploaded(key)).toEqual(picture);
    expect(platform.callbacks.map(({ body, keyId }) => ({ body, keyId }))).toEqual([
      {
        keyId: 'new',
        body: {
          jobId: event.jobId,
          status: 'succeeded',
          output: { image: { key, contentType: 'image/png', bytes: picture.bytes.byteLength, width: 10, height: 20 } },
          usage: { billedMs: expect.any(Number) },
        },
      },
    ]);
  });

  test('is believed while it still signs with the older secret', async () => {
    const [, old] = readFunctionConfig(platform.environment).callbackKeys;
    if (old === undefined) throw new Error('the platform has two keys');
    await handlerOf(copy, { config: { callbackKeys: [old] } })(platform.invocation(job));
    expect(platform.callbacks.map(({ keyId }) => keyId)).toEqual(['old']);
  });

  test('is not believed with a secret of its own', async () => {
    const stranger = { id: 'new', secret: 'a-secret-nobody-else-knows-of-32-letters' };
    const invoked = handlerOf(copy, { config: { callbackKeys: [stranger] } })(platform.invocation(job));
    await expect(invoked).rejects.toThrow('answered with 401');
    expect(platform.refusals).toEqual(['signature_wrong']);
  });
});

describe('the callback', () => {
  test('is repeated on server errors and lost connections with the same body and new nonces', async () => {
    const event = platform.invocation(job);
    platform.fail(`POST ${event.callback.path}`, { status: 503 }, 'cut', { status: 429 });
    await handlerOf(copy)(event);
    expect(platform.requests.filter((request) => request.startsWith('POST'))).toHaveLength(4);
    expect(platform.callbacks).toHaveLength(1);
    expect(platform.refusals).toEqual([]);
  });

  test('is given up after the last pause, so that the platform invokes again, and the job is not done twice', async () => {
    const event = platform.invocation(job);
    platform.fail(`POST ${event.callback.path}`, { status: 500 }, { status: 500 }, { status: 502 }, { status: 504 });
    await expect(handlerOf(copy)(event)).rejects.toThrow('answered with 504');
    await handlerOf(copy)(event);
    expect(platform.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
    expect(platform.callbacks.map(({ body }) => body.status)).toEqual(['succeeded']);
  });

  test.each([400, 401, 404, 409, 302])('is not repeated after %i', async (status) => {
    const event = platform.invocation(job);
    platform.fail(`POST ${event.callback.path}`, { status, location: `${platform.origin}/elsewhere` });
    await expect(handlerOf(copy)(event)).rejects.toThrow(String(status));
    expect(platform.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
  });

  test.each([
    ['another host', (path: string) => ({ url: `https://evil.example${path}`, path })],
    ['a path that is not what is signed', (path: string) => ({ url: `${platform.origin}/other`, path })],
  ])('does not go to %s', async (_, callbackOf) => {
    const event = platform.invocation(job);
    const invoked = handlerOf(copy)({ ...event, callback: callbackOf(event.callback.path) });
    await expect(invoked).rejects.toThrow('not allowed');
  });
});

describe('the same job again', () => {
  test('is answered with the same body, without work, also by a new process', async () => {
    const event = platform.invocation(job);
    await handlerOf(copy)(event);
    await handlerOf(() => Promise.reject(new Error('never called')))(event);
    const [first, second] = platform.callbacks;
    expect(second?.body).toEqual(first?.body);
    expect(second?.nonce).not.toBe(first?.nonce);
    expect(platform.requests.filter((request) => !request.startsWith('POST'))).toHaveLength(2);
  });

  test('is done once when it comes twice at the same time', async () => {
    const event = platform.invocation(job);
    const handler = handlerOf(copy);
    const answers = await Promise.all([handler(event), handler(event)]);
    expect(answers).toEqual([answers[0], answers[0]]);
    expect(platform.callbacks).toHaveLength(1);
  });

  test('that failed fails again in the same words', async () => {
    const event = platform.invocation(job);
    platform.fail('GET /in/', { status: 404 });
    await handlerOf(copy)(event);
    await handlerOf(copy)(event);
    const [first, second] = platform.callbacks;
    expect(first?.body).toMatchObject({ status: 'failed', error: { code: 'DOWNLOAD_FAILED' } });
    expect(second?.body).toEqual(first?.body);
  });
});

describe('an input', () => {
  test('is asked for again after a server error or a lost connection', async () => {
    platform.fail('GET /in/', { status: 503 }, 'cut');
    expect(await told(copy)).toMatchObject({ status: 'succeeded' });
  });

  test.each([
    ['is gone', { status: 404 }],
    ['needs another signature', { status: 403 }],
    ['is elsewhere', { status: 302, location: 'http://169.254.169.254/' }],
  ])('that %s fails the job at once', async (_, fault) => {
    platform.fail('GET /in/', fault);
    expect(await told(copy)).toMatchObject({ status: 'failed', error: { code: 'DOWNLOAD_FAILED' } });
    expect(platform.requests.filter((request) => request.startsWith('GET'))).toHaveLength(1);
  });

  test('from a host that is not listed is never asked for', async () => {
    const event = platform.invocation(job);
    await handlerOf(copy)({ ...event, downloads: { image: 'http://169.254.169.254/latest/meta-data' } });
    expect(platform.callbacks.at(-1)?.body).toMatchObject({ status: 'failed', error: { code: 'DOWNLOAD_FAILED' } });
  });

  test.each([
    ['no picture', { bytes: Buffer.from('<html>'), contentType: 'text/html' }],
    ['larger than 30 MB', { bytes: Buffer.alloc(30 * 1024 * 1024 + 1), contentType: 'image/png' }],
  ])('that is %s is refused', async (_, file) => {
    expect(await told(copy, { downloads: { image: file } })).toMatchObject({ error: { code: 'INPUT_REFUSED' } });
  });
});

describe('a failure', () => {
  test.each([
    ['an upload that is refused', copy, { status: 403 }, 'UPLOAD_FAILED'],
    ['an upload that leads elsewhere', copy, { status: 307, location: 'http://127.0.0.1:1/' }, 'UPLOAD_FAILED'],
  ])('%s is told', async (_, work, fault, code) => {
    platform.fail('PUT /out/', fault);
    expect(await told(work)).toMatchObject({ status: 'failed', error: { code } });
  });

  test('an upload is tried again after a server error', async () => {
    platform.fail('PUT /out/', { status: 500 }, 'cut');
    expect(await told(copy)).toMatchObject({ status: 'succeeded' });
  });

  test.each([
    [
      'the member’s input',
      new FunctionFailure('INPUT_REFUSED', 'title is missing'),
      { code: 'INPUT_REFUSED', message: 'title is missing' },
    ],
    [
      'our own mistake, without its words',
      new TypeError('at secret-signature'),
      { code: 'RENDER_FAILED', message: 'TypeError' },
    ],
  ])('%s is told', async (_, failure, error) => {
    expect(await told(() => Promise.reject(failure))).toMatchObject({ status: 'failed', error });
  });

  test.each([
    ['another function’s job', { function: 'poster-composer' }],
    ['no place for the result', { uploads: {} }],
    ['no input', { downloads: {} }],
  ])('%s is told as a mistake of the pipeline', async (_, changes) => {
    expect(await told(copy, changes)).toMatchObject({ error: { code: 'INVOCATION_MALFORMED' } });
  });

  test('an event that is broken is told when it says whom to tell', async () => {
    await handlerOf(copy)({ ...platform.invocation(job), stepIndex: 'first' });
    expect(platform.callbacks.at(-1)?.body).toMatchObject({ error: { code: 'INVOCATION_MALFORMED' } });
    await expect(handlerOf(copy)({ jobId: 'a' })).rejects.toThrow('callback');
  });

  test('never shows a signed address', async () => {
    platform.fail('GET /in/', { status: 403 });
    await told(copy);
    platform.fail('PUT /out/', 'cut', 'cut', 'cut');
    await told(copy);
    expect(JSON.stringify(platform.callbacks)).not.toContain('secret-signature');
  });
});

describe('the time limit', () => {
  test('ends work that never ends, and tells the work', async () => {
    let wasTold = false;
    const endless: Work = ({ signal }) => {
      signal.addEventListener('abort', () => (wasTold = true));
      return new Promise(() => {});
    };
    await handlerOf(endless, { timeLimitMs: 30 })(platform.invocation(job));
    expect(platform.callbacks.at(-1)?.body).toMatchObject({ status: 'failed', error: { code: 'TIMED_OUT' } });
    expect(wasTold).toBe(true);
  });

  test('ends a download that hangs', async () => {
    platform.fail('GET /in/', 'hang');
    await handlerOf(copy, { timeLimitMs: 100 })(platform.invocation(job));
    expect(platform.callbacks.at(-1)?.body).toMatchObject({ error: { code: 'TIMED_OUT' } });
  });

  test('leaves time for the callback within the platform’s own limit', async () => {
    const started = performance.now();
    await handlerOf(() => new Promise(() => {}))(platform.invocation(job), { time_limit_in_ms: 200 });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(platform.callbacks.at(-1)?.body).toMatchObject({ error: { code: 'TIMED_OUT' } });
  });
});
