import { createHash } from 'node:crypto';
import { renderSampleGarment } from '@yunshang/image-engine';
import { ims } from 'tencentcloud-sdk-nodejs-ims';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startSandbox, type RunningSandbox } from './sandbox.ts';
import { cosClient, place, presignedGet } from './storage.ts';

let sandbox: RunningSandbox;
let photo: Buffer;

beforeAll(async () => {
  sandbox = await startSandbox();
  photo = await renderSampleGarment();
});
beforeEach(() => sandbox.control('POST', '/_control/reset'));
afterAll(() => sandbox[Symbol.asyncDispose]());

function client(secretKey = sandbox.client.tencentSecretKey) {
  return new ims.v20201229.Client({
    credential: { secretId: sandbox.client.tencentSecretId, secretKey },
    region: sandbox.client.region,
    profile: { httpProfile: { endpoint: sandbox.host, protocol: 'http://', reqTimeout: 5 } },
  });
}
const moderate = (bytes: Buffer, DataId = 'task-1') =>
  client().ImageModeration({ FileContent: bytes.toString('base64'), DataId });
const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

it('passes what nobody spoke against, and says so in its log', async () => {
  expect(await moderate(photo)).toMatchObject({ Suggestion: 'Pass', Label: 'Normal', Score: 0, DataId: 'task-1' });
  const { calls } = await sandbox.control<{ calls: unknown[] }>('GET', '/_control/log?vendor=ims');
  const ids = { dataId: 'task-1', sha256: sha256Of(photo), suggestion: 'Pass' };
  expect(calls).toMatchObject([{ action: 'ImageModeration', ids, status: 200 }]);
});

it('blocks and doubts pictures by their bytes, sent along or fetched', async () => {
  const other = await renderSampleGarment(3);
  await sandbox.control('POST', '/_control/ims/verdicts', { sha256: sha256Of(photo), suggestion: 'Block' });
  const doubt = { sha256: sha256Of(other), suggestion: 'Review', label: 'Ad', score: 66 };
  await sandbox.control('POST', '/_control/ims/verdicts', doubt);
  expect(await moderate(photo)).toMatchObject({ Suggestion: 'Block', Label: 'Porn', Score: 98 });
  const cos = cosClient(sandbox);
  await cos.putObject({ ...place(sandbox), Key: 'other.jpg', Body: other });
  const FileUrl = await presignedGet(cos, { ...place(sandbox), Key: 'other.jpg' });
  expect(await client().ImageModeration({ FileUrl })).toMatchObject({ Suggestion: 'Review', Label: 'Ad', Score: 66 });
});

it('refuses what it cannot look at', async () => {
  await expect(moderate(Buffer.from('no picture'))).rejects.toMatchObject({
    code: 'InvalidParameterValue.InvalidImageContent',
  });
  await expect(moderate(Buffer.alloc(8 * 1024 * 1024))).rejects.toMatchObject({
    code: 'InvalidParameterValue.InvalidFileContentSize',
  });
  await expect(client().ImageModeration({})).rejects.toMatchObject({ code: 'InvalidParameterValue.EmptyImageContent' });
  await expect(client().ImageModeration({ FileUrl: `${sandbox.baseUrl}/nothing` })).rejects.toMatchObject({
    code: 'ResourceUnavailable.ImageDownloadError',
  });
  await expect(client('wrong').ImageModeration({})).rejects.toMatchObject({ code: 'AuthFailure.SignatureFailure' });
});

it('says of the next picture what a fault says, whichever it is; and fails when told to', async () => {
  await sandbox.fault({
    vendor: 'ims',
    kind: 'verdict',
    suggestion: 'Block',
    label: 'Sexy',
    match: { dataId: 'task-2' },
  });
  expect(await moderate(photo)).toMatchObject({ Suggestion: 'Pass' });
  expect(await moderate(photo, 'task-2')).toMatchObject({ Suggestion: 'Block', Label: 'Sexy' });
  expect(await moderate(photo, 'task-2')).toMatchObject({ Suggestion: 'Pass' });
  await sandbox.fault({ vendor: 'ims', kind: 'error', code: 'RequestLimitExceeded' });
  await expect(moderate(photo)).rejects.toMatchObject({ code: 'RequestLimitExceeded' });
});
