import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSandbox, type RunningSandbox } from './sandbox.ts';
import { cosClient, place, presignedGet, resourceOf, stsClient, temporaryKeys, type CosKeys } from './storage.ts';

let sandbox: RunningSandbox;
let keys: CosKeys;
const DENIED = { statusCode: 403, code: 'AccessDenied' };

beforeAll(async () => {
  sandbox = await startSandbox();
  keys = await temporaryKeys(sandbox, [
    {
      effect: 'allow',
      action: ['name/cos:PutObject'],
      resource: [resourceOf(sandbox, 'uploads/7/*')],
      condition: {
        numeric_less_than_equal: { 'cos:content-length': 100 },
        string_like: { 'cos:content-type': ['image/jpeg', 'image/png'] },
      },
    },
    { effect: 'allow', action: ['cos:GetObject'], resource: [resourceOf(sandbox, 'uploads/7/*')] },
    { effect: 'deny', action: ['*'], resource: [resourceOf(sandbox, 'uploads/7/secret/*')] },
  ]);
});
afterAll(() => sandbox[Symbol.asyncDispose]());

function upload(changes: { Key?: string; Body?: Buffer; ContentType?: string } = {}, by = keys) {
  const picture = { Key: 'uploads/7/a.png', Body: Buffer.alloc(100), ContentType: 'image/png' };
  return cosClient(sandbox, by).putObject({ ...place(sandbox), ...picture, ...changes });
}

it('lets temporary keys do what their policy allows', async () => {
  expect((await upload()).statusCode).toBe(200);
  const got = await cosClient(sandbox, keys).getObject({ ...place(sandbox), Key: 'uploads/7/a.png' });
  expect(got.Body.length).toBe(100);
  const url = await presignedGet(cosClient(sandbox, keys), { ...place(sandbox), Key: 'uploads/7/a.png' });
  expect((await fetch(url)).status).toBe(200);
});

it('denies another prefix, a larger body, another type and another action', async () => {
  await expect(upload({ Key: 'uploads/8/a.png' })).rejects.toMatchObject(DENIED);
  await expect(upload({ Body: Buffer.alloc(101) })).rejects.toMatchObject(DENIED);
  await expect(upload({ ContentType: 'text/html' })).rejects.toMatchObject(DENIED);
  const cos = cosClient(sandbox, keys);
  await expect(cos.deleteObject({ ...place(sandbox), Key: 'uploads/7/a.png' })).rejects.toMatchObject(DENIED);
  await expect(cos.getBucket({ ...place(sandbox), Prefix: 'uploads/7/' })).rejects.toMatchObject(DENIED);
});

it('lets a deny win over an allow', async () => {
  await expect(upload({ Key: 'uploads/7/secret/a.png' })).rejects.toMatchObject(DENIED);
});

it('denies temporary keys without their token and after their time', async () => {
  const { SecretId, SecretKey } = keys;
  await expect(upload({}, { SecretId, SecretKey })).rejects.toMatchObject({ code: 'InvalidAccessKeyId' });
  const short = await temporaryKeys(sandbox, [{ effect: 'allow', action: ['*'], resource: ['*'] }], 60);
  sandbox.setOffsetMs(61_000);
  await expect(upload({}, short)).rejects.toMatchObject(DENIED);
  sandbox.setOffsetMs(0);
});

it('treats a missing figure as unmet unless the condition says if_exist', async () => {
  const statement = (name: string) => [
    {
      effect: 'allow' as const,
      action: ['cos:GetObject'],
      resource: [resourceOf(sandbox, '*')],
      condition: { [name]: { 'cos:content-type': 'image/png' } },
    },
  ];
  const strict = cosClient(sandbox, await temporaryKeys(sandbox, statement('string_equal')));
  await expect(strict.getObject({ ...place(sandbox), Key: 'uploads/7/a.png' })).rejects.toMatchObject(DENIED);
  const lenient = cosClient(sandbox, await temporaryKeys(sandbox, statement('string_equal_if_exist')));
  await expect(lenient.getObject({ ...place(sandbox), Key: 'uploads/7/a.png' })).resolves.toBeTruthy();
});

function ask(policy: string, seconds = 900) {
  const request = { Name: 'x', Policy: encodeURIComponent(policy), DurationSeconds: seconds };
  return stsClient(sandbox).GetFederationToken(request);
}

it('refuses a policy it cannot read, an unknown condition and too long a time', async () => {
  await expect(ask('not json')).rejects.toMatchObject({ code: 'InvalidParameter.StrategyFormatError' });
  const statement = { effect: 'allow', action: ['*'], resource: ['*'] };
  const unknown = { ...statement, condition: { string_resembles: { 'cos:content-type': 'image/png' } } };
  await expect(ask(JSON.stringify({ version: '2.0', statement: [unknown] }))).rejects.toThrow('string_resembles');
  const principal = { ...statement, principal: { qcs: ['*'] } };
  await expect(ask(JSON.stringify({ version: '2.0', statement: [principal] }))).rejects.toMatchObject({
    code: 'InvalidParameter.StrategyFormatError',
  });
  const good = JSON.stringify({ version: '2.0', statement: [statement] });
  await expect(ask(good, 129_601)).rejects.toMatchObject({ code: 'InvalidParameter.OverTimeError' });
});

it('refuses a wrong secret key and a stale clock', async () => {
  const policy = encodeURIComponent(JSON.stringify({ version: '2.0', statement: [] }));
  const forged = stsClient(sandbox, 'wrong').GetFederationToken({ Name: 'x', Policy: policy });
  await expect(forged).rejects.toMatchObject({ code: 'AuthFailure.SignatureFailure' });
  sandbox.setOffsetMs(301_000);
  const late = stsClient(sandbox).GetFederationToken({ Name: 'x', Policy: policy });
  await expect(late).rejects.toMatchObject({ code: 'AuthFailure.SignatureExpire' });
  sandbox.setOffsetMs(0);
});
