import type COS from 'cos-nodejs-sdk-v5';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSandbox, type RunningSandbox } from './sandbox.ts';
import { cosClient, place, presignedGet } from './storage.ts';

let sandbox: RunningSandbox;
let cos: COS;
let at: { Bucket: string; Region: string };

beforeAll(async () => {
  sandbox = await startSandbox();
  cos = cosClient(sandbox);
  at = place(sandbox);
});
afterAll(() => sandbox[Symbol.asyncDispose]());

it('keeps an object under a Chinese key and gives it back with its type and metadata', async () => {
  const Key = "u/1/照片 (1)!'*+&=.png";
  const Headers = { 'x-cos-meta-origin': 'studio' };
  const put = await cos.putObject({ ...at, Key, Body: Buffer.from('picture'), ContentType: 'image/png', Headers });
  expect(put.ETag).toMatch(/^"[0-9a-f]{32}"$/);
  const got = await cos.getObject({ ...at, Key });
  expect(got.Body.toString()).toBe('picture');
  expect(got.headers).toMatchObject({ 'content-type': 'image/png', 'x-cos-meta-origin': 'studio' });
  const head = await cos.headObject({ ...at, Key });
  expect(head.headers?.['content-length']).toBe('7');
  expect(head.headers?.['x-cos-request-id']).toBeTruthy();
});

it('answers a range with 206 and an impossible one with 416', async () => {
  await cos.putObject({ ...at, Key: 'range.txt', Body: '0123456789' });
  const part = await cos.getObject({ ...at, Key: 'range.txt', Range: 'bytes=2-4' });
  expect(part).toMatchObject({ statusCode: 206 });
  expect(part.Body.toString()).toBe('234');
  expect((await cos.getObject({ ...at, Key: 'range.txt', Range: 'bytes=-2' })).Body.toString()).toBe('89');
  await expect(cos.getObject({ ...at, Key: 'range.txt', Range: 'bytes=20-' })).rejects.toMatchObject({
    statusCode: 416,
  });
});

it('says NoSuchKey for GET and a bare 404 for HEAD', async () => {
  await expect(cos.getObject({ ...at, Key: 'none' })).rejects.toMatchObject({ statusCode: 404, code: 'NoSuchKey' });
  await expect(cos.headObject({ ...at, Key: 'none' })).rejects.toMatchObject({ statusCode: 404, code: '404' });
});

it('lists by prefix, folder, marker and page', async () => {
  for (const Key of ['l/a.txt', 'l/b/1.txt', 'l/b/2.txt', 'l/c.txt', 'm.txt'])
    await cos.putObject({ ...at, Key, Body: Key });
  const all = await cos.getBucket({ ...at, Prefix: 'l/' });
  expect(all.Contents.map((object) => object.Key)).toEqual(['l/a.txt', 'l/b/1.txt', 'l/b/2.txt', 'l/c.txt']);
  const folders = await cos.getBucket({ ...at, Prefix: 'l/', Delimiter: '/' });
  expect(folders.CommonPrefixes).toEqual([{ Prefix: 'l/b/' }]);
  expect(folders.Contents.map((object) => object.Key)).toEqual(['l/a.txt', 'l/c.txt']);
  const first = await cos.getBucket({ ...at, Prefix: 'l/', MaxKeys: 3 });
  expect(first.IsTruncated).toBe('true');
  const rest = await cos.getBucket({ ...at, Prefix: 'l/', Marker: first.NextMarker ?? '' });
  expect(rest.Contents.map((object) => object.Key)).toEqual(['l/c.txt']);
});

it('copies, deletes one and deletes many', async () => {
  await cos.putObject({ ...at, Key: 'copy/源.txt', Body: 'source', ContentType: 'text/plain' });
  const CopySource = `${at.Bucket}.cos.${at.Region}.myqcloud.com/${encodeURIComponent('copy/源.txt')}`;
  await cos.putObjectCopy({ ...at, Key: 'copy/to.txt', CopySource });
  const copy = await cos.getObject({ ...at, Key: 'copy/to.txt' });
  expect(copy.Body.toString()).toBe('source');
  expect((await cos.deleteObject({ ...at, Key: 'copy/to.txt' })).statusCode).toBe(204);
  const deleted = await cos.deleteMultipleObject({ ...at, Objects: [{ Key: 'copy/源.txt' }, { Key: 'copy/none' }] });
  expect(deleted.Deleted.map((object) => object.Key)).toEqual(['copy/源.txt', 'copy/none']);
  expect((await cos.getBucket({ ...at, Prefix: 'copy/' })).Contents).toEqual([]);
});

it('serves a presigned address to anyone until it expires', async () => {
  await cos.putObject({ ...at, Key: 'signed/图.txt', Body: 'seen' });
  const Query = { 'response-content-disposition': 'attachment; filename="a.txt"' };
  const url = await presignedGet(cos, { ...at, Key: 'signed/图.txt', Expires: 600, Query });
  const answer = await fetch(url);
  expect(await answer.text()).toBe('seen');
  expect(answer.headers.get('content-disposition')).toContain('attachment');
  expect((await fetch(url.replace('signed', 'Signed'))).status).toBe(403);
  sandbox.setOffsetMs(601_000);
  const late = await fetch(url);
  expect(late.status).toBe(403);
  expect(await late.text()).toContain('<Message>Request has expired</Message>');
  sandbox.setOffsetMs(0);
});

it('refuses a wrong key, an unknown key and no key at all', async () => {
  const { tencentSecretId: SecretId, tencentSecretKey: SecretKey } = sandbox.client;
  const wrong = cosClient(sandbox, { SecretId, SecretKey: 'wrong-secret' });
  await expect(wrong.getObject({ ...at, Key: 'range.txt' })).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  const unknown = cosClient(sandbox, { SecretId: 'AKIDunknown', SecretKey });
  await expect(unknown.getObject({ ...at, Key: 'range.txt' })).rejects.toMatchObject({ code: 'InvalidAccessKeyId' });
  const bare = await fetch(`${sandbox.baseUrl}/${at.Bucket}/range.txt`);
  expect(bare.status).toBe(403);
  expect(await bare.text()).toContain('<Code>AccessDenied</Code>');
  await expect(cos.getObject({ ...at, Bucket: 'other-1250000000', Key: 'x' })).rejects.toMatchObject({
    code: 'NoSuchBucket',
  });
});

it('refuses a body that is not what Content-MD5 says', async () => {
  const Headers = { 'Content-MD5': Buffer.alloc(16).toString('base64') };
  await expect(cos.putObject({ ...at, Key: 'md5', Body: 'x', Headers })).rejects.toMatchObject({
    code: 'InvalidDigest',
  });
});

it('keeps a locked object from everybody until its time', async () => {
  const Key = 'kept/1.json';
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const Headers = { 'x-cos-object-lock-mode': 'COMPLIANCE', 'x-cos-object-lock-retain-until-date': until };
  await cos.putObject({ ...at, Key, Body: 'one', Headers });
  expect((await cos.headObject({ ...at, Key })).headers).toMatchObject(Headers);
  const refused = { statusCode: 403, code: 'AccessDenied' };
  await expect(cos.putObject({ ...at, Key, Body: 'other' })).rejects.toMatchObject(refused);
  await expect(cos.deleteObject({ ...at, Key })).rejects.toMatchObject(refused);
  const many = await cos.deleteMultipleObject({ ...at, Objects: [{ Key }, { Key: 'nothing' }] });
  expect(many.Error).toMatchObject([{ Key, Code: 'AccessDenied' }]);
  expect((await cos.getObject({ ...at, Key })).Body.toString()).toBe('one');
});

it.each([
  ['a mode it does not know', { 'x-cos-object-lock-mode': 'GOVERNANCE' }, '2999-01-01T00:00:00.000Z'],
  ['a time that is over', { 'x-cos-object-lock-mode': 'COMPLIANCE' }, '2020-01-01T00:00:00.000Z'],
  ['no mode', {}, '2999-01-01T00:00:00.000Z'],
])('refuses a lock with %s', async (_what, mode, until) => {
  const Headers = { ...mode, 'x-cos-object-lock-retain-until-date': until };
  await expect(cos.putObject({ ...at, Key: 'odd', Body: 'x', Headers })).rejects.toMatchObject({ statusCode: 400 });
});

it('does not replace what must not be replaced', async () => {
  const Headers = { 'x-cos-forbid-overwrite': 'true' };
  await cos.putObject({ ...at, Key: 'once', Body: 'one', Headers });
  const refused = { statusCode: 409, code: 'FileAlreadyExists' };
  await expect(cos.putObject({ ...at, Key: 'once', Body: 'two', Headers })).rejects.toMatchObject(refused);
  expect((await cos.getObject({ ...at, Key: 'once' })).Body.toString()).toBe('one');
});

it('uploads in parts and joins them', async () => {
  const parts = [Buffer.alloc(1024 * 1024, 'a'), Buffer.alloc(10, 'b')];
  const target = { ...at, Key: 'parts/图.bin' };
  const { UploadId } = await cos.multipartInit({ ...target, ContentType: 'image/png' });
  const sent: { PartNumber: number; ETag: string }[] = [];
  for (const [index, Body] of parts.entries()) {
    const { ETag } = await cos.multipartUpload({ ...target, UploadId, PartNumber: index + 1, Body });
    sent.push({ PartNumber: index + 1, ETag });
  }
  expect((await cos.multipartListPart({ ...target, UploadId })).Part).toHaveLength(2);
  const open: COS.MultipartListResult = await cos.multipartList({ ...at, Prefix: 'parts/', Delimiter: '' });
  expect(open.Upload).toHaveLength(1);
  const reversed = cos.multipartComplete({ ...target, UploadId, Parts: sent.toReversed() });
  await expect(reversed).rejects.toMatchObject({ statusCode: 400 });
  expect((await cos.multipartComplete({ ...target, UploadId, Parts: sent })).ETag).toMatch(/-2"$/);
  const joined = await cos.getObject(target);
  expect(joined.Body.equals(Buffer.concat(parts))).toBe(true);
  expect(joined.headers?.['content-type']).toBe('image/png');
  await expect(cos.multipartAbort({ ...target, UploadId })).rejects.toMatchObject({ code: 'NoSuchUpload' });
});

it('believes no part that is not signed, not what its MD5 says, not as its ETag, or too small', async () => {
  const target = { ...at, Key: 'parts/doubtful.bin' };
  const { UploadId } = await cos.multipartInit(target);
  const part = { ...target, UploadId, PartNumber: 1, Body: Buffer.alloc(10, 'a') };
  const stranger = cosClient(sandbox, { SecretId: sandbox.client.tencentSecretId, SecretKey: 'wrong' });
  await expect(stranger.multipartUpload(part)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  const Headers = { 'Content-MD5': Buffer.alloc(16).toString('base64') };
  await expect(cos.multipartUpload({ ...part, Headers })).rejects.toMatchObject({ code: 'InvalidDigest' });
  const { ETag } = await cos.multipartUpload(part);
  const last = await cos.multipartUpload({ ...part, PartNumber: 2 });
  const complete = (etag: string) => {
    const Parts = [
      { PartNumber: 1, ETag: etag },
      { PartNumber: 2, ETag: last.ETag },
    ];
    return cos.multipartComplete({ ...target, UploadId, Parts });
  };
  await expect(complete(`"${'0'.repeat(32)}"`)).rejects.toMatchObject({ code: 'InvalidPart' });
  await expect(complete(ETag)).rejects.toMatchObject({ code: 'EntityTooSmall' });
  await cos.multipartAbort({ ...target, UploadId });
  await expect(cos.headObject(target)).rejects.toMatchObject({ statusCode: 404 });
});

it('takes any content type, and refuses what it does not speak', async () => {
  await cos.putObject({ ...at, Key: 'odd', Body: 'x', ContentType: 'neither;;type' });
  const stored = { objects: [{ key: 'odd', contentType: 'neither;;type' }] };
  expect(await sandbox.control('GET', '/_control/objects?prefix=odd')).toMatchObject(stored);
  await expect(cos.getBucketAcl(at)).rejects.toMatchObject({ statusCode: 501, code: 'NotImplemented' });
  const unreadable = await fetch(`${sandbox.baseUrl}/${at.Bucket}/%zz`);
  expect(await unreadable.text()).toContain('<Code>InvalidURI</Code>');
});

it('lets browsers ask first and read ETag and the request id', async () => {
  const origin = 'http://localhost:5173';
  const asked = await fetch(`${sandbox.baseUrl}/${at.Bucket}/any.png`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' },
  });
  expect(asked.status).toBe(200);
  expect(asked.headers.get('access-control-allow-methods')).toContain('PUT');
  expect(asked.headers.get('access-control-allow-headers')).toBe('authorization');
  const url = await presignedGet(cos, { ...at, Key: 'range.txt' });
  const got = await fetch(url, { headers: { origin } });
  expect(got.headers.get('access-control-allow-origin')).toBe('*');
  expect(got.headers.get('access-control-expose-headers')).toMatch(/ETag, x-cos-request-id/);
});
