import { sms } from 'tencentcloud-sdk-nodejs-sms';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSandbox, type RunningSandbox } from './sandbox.ts';

let sandbox: RunningSandbox;
const PHONE = '+8613800138000';

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

type Wish = { secretKey?: string; templateId?: string };
function send(phones: string[], params = ['123456'], { secretKey, templateId }: Wish = {}) {
  const client = new sms.v20210111.Client({
    credential: { secretId: sandbox.client.tencentSecretId, secretKey: secretKey ?? sandbox.client.tencentSecretKey },
    region: sandbox.client.region,
    profile: { httpProfile: { endpoint: sandbox.host, protocol: 'http://', reqTimeout: 5 } },
  });
  return client.SendSms({
    PhoneNumberSet: phones,
    SmsSdkAppId: sandbox.client.smsSdkAppId,
    SignName: sandbox.client.smsSignName,
    TemplateId: templateId ?? sandbox.client.smsTemplateId,
    TemplateParamSet: params,
  });
}

type Messages = { messages: { code: string; phone: string; text: string }[] };

it('puts a message into the outbox, for people and for programs', async () => {
  const answer = await send([PHONE]);
  expect(answer.SendStatusSet?.[0]).toMatchObject({ Code: 'Ok', PhoneNumber: PHONE, Fee: 1 });
  const { messages } = await sandbox.control<Messages>('GET', `/_control/sms?phone=${PHONE}`);
  expect(messages[0]).toMatchObject({ phone: PHONE, code: '123456' });
  const page = await (await fetch(`${sandbox.baseUrl}/sms`)).text();
  expect(page).toContain('123456');
});

it('says what failed in the status of that number alone', async () => {
  await sandbox.fault({ vendor: 'sms', kind: 'number_error', match: { phone: '+8613800138001' } });
  const answer = await send([PHONE, '+8613800138001', '+861']);
  expect(answer.SendStatusSet?.map((status) => status.Code)).toEqual([
    'Ok',
    'LimitExceeded.PhoneNumberDailyLimit',
    'InvalidParameterValue.IncorrectPhoneNumber',
  ]);
});

it('refuses parameters the template does not take', async () => {
  expect((await send([PHONE], [])).SendStatusSet?.[0]?.Code).toContain('TemplateParamSetNotMatchApprovedTemplate');
  expect((await send([PHONE], ['https://x'])).SendStatusSet?.[0]?.Code).toContain('TemplateParameterFormatError');
});

it('knows a second template, whose value is no code, short, and no address', async () => {
  const phone = '+8613800138002';
  const templateId = sandbox.client.smsNoticeTemplateId;
  const codeOf = async (value: string, template = templateId) =>
    (await send([phone], [value], { templateId: template })).SendStatusSet?.[0]?.Code;
  expect(await codeOf('1234')).toBe('Ok');
  const { messages } = await sandbox.control<Messages>('GET', `/_control/sms?phone=${phone}`);
  expect(messages).toMatchObject([{ code: null, text: expect.stringContaining('剩余配额为1234') }]);
  expect(await codeOf('x'.repeat(13))).toContain('TemplateParameterLengthLimit');
  expect(await codeOf('a.com')).toContain('TemplateParameterFormatError');
  expect(await codeOf('1', '999')).toContain('TemplateIncorrectOrUnapproved');
});

it('refuses a wrong secret key, and keeps phones out of its log', async () => {
  await expect(send([PHONE], ['123456'], { secretKey: 'wrong' })).rejects.toMatchObject({
    code: 'AuthFailure.SignatureFailure',
  });
  const log = JSON.stringify(await sandbox.control('GET', '/_control/log?vendor=sms'));
  expect(log).toContain('****8000');
  expect(log).not.toContain(PHONE);
  expect(log).not.toContain('123456');
});
