import { inspectImage, renderSampleGarment } from '@yunshang/image-engine';
import type COS from 'cos-nodejs-sdk-v5';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startSandbox, type RunningSandbox } from './sandbox.ts';
import { cosClient, place, resourceOf, temporaryKeys } from './storage.ts';

let sandbox: RunningSandbox;
let cos: COS;
let at: { Bucket: string; Region: string };
const Key = 'uploads/7/衣服.jpg';
const RULES = { is_pic_info: 1, rules: [{ fileid: 'cut.png', rule: 'ci-process=GoodsMatting' }] };

beforeAll(async () => {
  sandbox = await startSandbox();
  cos = cosClient(sandbox);
  at = place(sandbox);
  await cos.putObject({ ...at, Key, Body: await garment(7), ContentType: 'image/jpeg' });
});
beforeEach(() => sandbox.control('DELETE', '/_control/faults'));
afterAll(() => sandbox[Symbol.asyncDispose]());

/** Half the sample's sides: cutting out costs a quarter. */
async function garment(seed: number): Promise<Buffer> {
  return sharp(await renderSampleGarment(seed))
    .resize(384)
    .jpeg({ quality: 93 })
    .toBuffer();
}

async function cutOnDownload(by = cos, key = Key): Promise<Buffer> {
  const Query = { 'ci-process': 'GoodsMatting' };
  const { Body } = await by.request({ ...at, Method: 'GET', Key: key, Query, RawBody: true });
  return Buffer.from(Body ?? '');
}

function processInCloud(operations: unknown = RULES) {
  const Headers = { 'Pic-Operations': JSON.stringify(operations) };
  return cos.request({ ...at, Method: 'POST', Key, Action: 'image_process', Headers });
}

/** Colour type 6 in the header of a PNG is RGBA. */
function isPngWithAlpha(bytes: Buffer): boolean {
  return bytes.subarray(1, 4).toString() === 'PNG' && bytes.readUInt8(25) === 6;
}

it('cuts out while downloading: the body is a PNG with alpha', async () => {
  expect(isPngWithAlpha(await cutOnDownload())).toBe(true);
});

it('cuts out in the cloud: the result is an object beside its source', async () => {
  const { UploadResult } = await processInCloud();
  expect(UploadResult.OriginalInfo).toMatchObject({ Key, ImageInfo: { Format: 'jpeg', Width: '384', Height: '512' } });
  expect(UploadResult.ProcessResults.Object).toMatchObject({ Key: 'uploads/7/cut.png', Format: 'png' });
  const result = await cos.getObject({ ...at, Key: 'uploads/7/cut.png' });
  expect(isPngWithAlpha(result.Body)).toBe(true);
  expect(result.ETag).toBe(UploadResult.ProcessResults.Object.ETag);
});

it('processes while uploading, several rules and chains at once', async () => {
  const rules = [
    { fileid: '/results/cut.webp', rule: 'ci-process=GoodsMatting|imageMogr2/thumbnail/200x/format/webp/quality/80' },
    { fileid: 'small.jpg', rule: 'imageMogr2/thumbnail/x100/format/jpg' },
  ];
  const Headers = { 'Pic-Operations': JSON.stringify({ is_pic_info: 1, rules }) };
  const Body = await garment(3);
  const put = await cos.putObject({ ...at, Key: 'in/b.jpg', Body, Headers });
  const results = [{ Key: 'results/cut.webp' }, { Key: 'in/small.jpg' }];
  expect(put).toMatchObject({ UploadResult: { ProcessResults: { Object: results } } });
  const cut = await cos.getObject({ ...at, Key: 'results/cut.webp' });
  expect(cut.headers?.['content-type']).toBe('image/webp');
  const small = await cos.getObject({ ...at, Key: 'in/small.jpg' });
  const limits = { maxBytes: 1_000_000, minSide: 1, maxSide: 1000, formats: ['jpeg'] } as const;
  expect(await inspectImage(small.Body, limits)).toMatchObject({ format: 'jpeg', height: 100 });
});

it('makes a thumbnail from a signed address with an unsigned suffix', async () => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  cos.getObjectUrl({ ...at, Key, Sign: true, QueryString: 'imageMogr2/thumbnail/120x' }, (error, data) =>
    error ? reject(error) : resolve(data.Url),
  );
  const answer = await fetch(await promise);
  expect(answer.headers.get('content-type')).toBe('image/jpeg');
});

it('refuses what is no picture, a missing source and an unknown process', async () => {
  await cos.putObject({ ...at, Key: 'text.jpg', Body: 'not a picture' });
  const refused = { statusCode: 400, code: 'InvalidImageFormat' };
  await expect(cutOnDownload(cos, 'text.jpg')).rejects.toMatchObject(refused);
  await expect(cutOnDownload(cos, 'none.jpg')).rejects.toMatchObject({ statusCode: 404 });
  const unknown = { rules: [{ fileid: 'x.png', rule: 'ci-process=AIImageColoring' }] };
  await expect(processInCloud(unknown)).rejects.toMatchObject({ statusCode: 400, code: 'InvalidArgument' });
  await expect(processInCloud({ rules: [] })).rejects.toMatchObject({ code: 'InvalidArgument' });
});

it('answers an error, and stores nothing, when no goods can be told from the ground', async () => {
  const Body = await sharp({
    create: {
      width: 600,
      height: 600,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .png()
    .toBuffer();
  await cos.putObject({ ...at, Key: 'noise/a.png', Body });
  const Headers = { 'Pic-Operations': JSON.stringify(RULES) };
  const refused = cos.request({ ...at, Method: 'POST', Key: 'noise/a.png', Action: 'image_process', Headers });
  await expect(refused).rejects.toMatchObject({ statusCode: 400, code: 'GoodsMattingFailed' });
  expect((await cos.getBucket({ ...at, Prefix: 'noise/' })).Contents).toHaveLength(1);
});

it('wants the matting right of temporary keys too', async () => {
  const read = { effect: 'allow' as const, action: ['cos:GetObject'], resource: [resourceOf(sandbox, 'uploads/*')] };
  const reader = cosClient(sandbox, await temporaryKeys(sandbox, [read]));
  await expect(cutOnDownload(reader)).rejects.toMatchObject({ code: 'AccessDenied' });
  const matting = { ...read, action: ['ci:CreateGoodsMattingJob'] };
  const both = cosClient(sandbox, await temporaryKeys(sandbox, [read, matting]));
  expect(isPngWithAlpha(await cutOnDownload(both))).toBe(true);
});

it('answers garbage, nothing or an error when told to, and logs each call under its own name', async () => {
  await sandbox.fault({ vendor: 'ci', kind: 'corrupt' });
  expect(isPngWithAlpha(await cutOnDownload())).toBe(false);
  await sandbox.fault({ vendor: 'ci', kind: 'empty' });
  expect((await cutOnDownload()).length).toBe(0);
  await sandbox.fault({ vendor: 'ci', kind: 'error', status: 403, code: 'AccountArrears', message: '欠费' });
  await expect(cutOnDownload()).rejects.toMatchObject({ statusCode: 403, code: 'AccountArrears' });
  const { calls } = await sandbox.control<{ calls: unknown[] }>('GET', '/_control/log?vendor=ci');
  const ids = { key: Key, job: 'GoodsMatting' };
  expect(calls.at(-1)).toMatchObject({ vendor: 'ci', ids, status: 403, code: 'AccountArrears', fault: 'error' });
});
