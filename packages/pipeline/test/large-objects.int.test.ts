import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { testSandbox, type TestSandbox } from '@yunshang/devstack/testing';
import COS from 'cos-nodejs-sdk-v5';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { createCosStorage } from '../src/index.ts';
import { cosSettings } from './rig.ts';

const MIB = 1024 * 1024;
const KEY = 'backups/large.backup';
let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterEach(() => sandbox.control.clearFaults());

const storage = (timeoutMs = 10_000) => createCosStorage({ ...cosSettings(sandbox, timeoutMs), partBytes: MIB });
const write = (bytes: Buffer, { key = KEY, body = streamOf(bytes) } = {}) =>
  storage().write(key, { body, bytes: bytes.length, contentType: 'application/octet-stream' });
/** In pieces that end nowhere near the parts'. */
function streamOf(bytes: Buffer): Readable {
  const pieces = Array.from({ length: Math.ceil(bytes.length / 300_000) }, (_, n) =>
    bytes.subarray(n * 300_000, (n + 1) * 300_000),
  );
  return Readable.from(pieces);
}
const callsOf = async (action: string) =>
  (await sandbox.control.log({ vendor: 'cos' })).filter((one) => one.action === action && one.ids['key'] === KEY);
async function openUploads(): Promise<number> {
  const { secretId, secretKey, bucket, region, domain, protocol } = cosSettings(sandbox);
  const client = new COS({
    SecretId: secretId,
    SecretKey: secretKey,
    AutoSwitchHost: false,
    ...(domain === undefined ? {} : { Domain: domain }),
    ...(protocol === undefined ? {} : { Protocol: protocol }),
  });
  const list = { Bucket: bucket, Region: region, Prefix: 'backups/', Delimiter: '' };
  return new Promise((resolve, reject) => {
    client.multipartList(list, (error: unknown, { Upload }) => (error ? reject(error) : resolve(Upload.length)));
  });
}

it('goes up in parts, and comes down whole', async () => {
  const bytes = randomBytes(3 * MIB + 5);
  await write(bytes);
  expect((await callsOf('UploadPart')).length).toBe(4);
  expect(await buffer(storage().read(KEY))).toEqual(bytes);
  expect(await storage().head(KEY)).toEqual({ bytes: bytes.length, contentType: 'application/octet-stream' });
  expect(await openUploads()).toBe(0);
  const exact = randomBytes(2 * MIB);
  await write(exact);
  expect(await buffer(storage().read(KEY))).toEqual(exact);
});

it('sends a part again that was refused for a moment or whose answer got lost', async () => {
  const bytes = randomBytes(2 * MIB + 1);
  await sandbox.control.fault({ vendor: 'cos', match: { action: 'UploadPart' }, kind: 'error', status: 503, times: 1 });
  await sandbox.control.fault({ vendor: 'cos', match: { action: 'UploadPart' }, kind: 'drop', times: 1 });
  await write(bytes);
  expect(await buffer(storage().read(KEY))).toEqual(bytes);
});

it('is there when only the answer to the last call got lost', async () => {
  const bytes = randomBytes(MIB + 1);
  const key = 'backups/lost-answer.backup';
  const match = { action: 'CompleteMultipartUpload' };
  await sandbox.control.fault({ vendor: 'cos', kind: 'timeout_after_commit', match, times: 1 });
  await storage(500).write(key, { body: streamOf(bytes), bytes: bytes.length, contentType: 'text/plain' });
  expect(await buffer(storage().read(key))).toEqual(bytes);
  expect(await openUploads()).toBe(0);
});

it('leaves nothing usable when it is given up, and what was there stays', async () => {
  const before = randomBytes(2 * MIB + 1);
  await write(before);
  const bytes = randomBytes(2 * MIB + 7);
  const code = { code: 'STORAGE_UNAVAILABLE' };
  await sandbox.control.fault({ vendor: 'cos', match: { action: 'UploadPart' }, kind: 'error', status: 403, times: 1 });
  await expect(write(bytes)).rejects.toMatchObject(code);
  await sandbox.control.fault({
    vendor: 'cos',
    match: { action: 'CompleteMultipartUpload' },
    kind: 'error',
    status: 503,
    times: 'always',
  });
  await expect(write(bytes)).rejects.toMatchObject(code);
  const short = Readable.from([bytes.subarray(0, MIB + 5)]);
  await expect(write(bytes, { body: short })).rejects.toMatchObject(code);
  const broken = Readable.from(
    (async function* broken() {
      yield bytes.subarray(0, MIB + 5);
      throw new Error('the disk is gone');
    })(),
  );
  await expect(write(bytes, { body: broken })).rejects.toThrow('the disk is gone');
  expect(await openUploads()).toBe(0);
  expect(await buffer(storage().read(KEY))).toEqual(before);
});
