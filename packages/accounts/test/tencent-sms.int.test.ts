import { createServer } from 'node:http';
import { once } from 'node:events';
import { freePort } from '@yunshang/devstack';
import { testSandbox, type TestSandbox } from '@yunshang/devstack/testing';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { tencentSmsAccount } from '../src/index.ts';
import { newPhone, sandboxApplication, sandboxGateway } from './accounts-under-test.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sandbox.control.clearFaults();
});

const gateway = () => sandboxGateway(sandbox, { timeoutSeconds: 0.5 });
const send = (phone = newPhone()) => gateway().sendCode(phone, '123456', 5);
const fault = (kind: string, options = {}) => sandbox.control.fault({ vendor: 'sms', kind, ...options });

test('the message reaches the phone', async () => {
  const phone = newPhone();
  expect(await send(phone)).toEqual({ kind: 'sent', segments: 1 });
  expect(await sandbox.control.smsCode(phone)).toBe('123456');
});

test('a status that is not Ok, inside an answer that succeeded, is a failure', async () => {
  await fault('number_error', { code: 'FailedOperation.PhoneNumberInBlacklist' });
  await expect(send()).rejects.toMatchObject({ code: 'SMS_UNAVAILABLE' });
});

test("the vendor's frequency limits become SMS_TOO_FREQUENT with seconds to wait", async () => {
  for (const [code, retryAfterSeconds] of [
    ['LimitExceeded.PhoneNumberThirtySecondLimit', 30],
    ['LimitExceeded.DeliveryFrequencyLimit', 60],
    ['LimitExceeded.PhoneNumberOneHourLimit', 3_600],
    ['LimitExceeded.PhoneNumberDailyLimit', 3_600],
  ] as const) {
    await fault('number_error', { code });
    await expect(send()).rejects.toMatchObject({ code: 'SMS_TOO_FREQUENT', details: { retryAfterSeconds } });
  }
});

test("our own account's limits and refusals of the call are SMS_UNAVAILABLE", async () => {
  await fault('number_error', { code: 'LimitExceeded.AppDailyLimit' });
  await expect(send()).rejects.toMatchObject({ code: 'SMS_UNAVAILABLE' });
  await fault('error', { code: 'RequestLimitExceeded' });
  await expect(send()).rejects.toMatchObject({ code: 'SMS_UNAVAILABLE' });
  await fault('error', { status: 503 });
  await expect(send()).rejects.toMatchObject({ code: 'SMS_UNAVAILABLE' });
  const wrongKey = sandboxGateway({ ...sandbox, settings: { ...sandbox.settings, tencentSecretKey: 'x'.repeat(32) } });
  await expect(wrongKey.sendCode(newPhone(), '123456', 5)).rejects.toMatchObject({ code: 'SMS_UNAVAILABLE' });
});

test('a vendor that can not be reached sent nothing', async () => {
  const nobody = sandboxGateway({ ...sandbox, url: `http://127.0.0.1:${await freePort()}` });
  await expect(nobody.sendCode(newPhone(), '123456', 5)).rejects.toMatchObject({ code: 'SMS_UNAVAILABLE' });
});

test('no answer is not a failure', async () => {
  for (const kind of ['timeout', 'timeout_after_commit', 'drop']) {
    await fault(kind);
    expect(await send()).toEqual({ kind: 'unknown' });
  }
});

test('a proxy in the environment is not used', async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  }).on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.destroy();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) vi.stubEnv(name, url);
  expect(await send()).toMatchObject({ kind: 'sent' });
  expect(asked).toEqual([]);
  proxy.close();
});

test('an error tells neither phone nor code nor what the vendor wrote', async () => {
  const phone = newPhone();
  await fault('number_error', { code: 'InvalidParameterValue.IncorrectPhoneNumber', message: `bad ${phone}` });
  const failed = await send(phone).catch((error: unknown) => error);
  const seen = failed instanceof Error ? `${failed.stack} ${String(failed.cause)} ${JSON.stringify(failed)}` : '';
  expect(seen).toContain('InvalidParameterValue.IncorrectPhoneNumber');
  expect(seen).not.toContain(phone.slice(3));
  expect(seen).not.toContain('123456');
});

test('the vendor says how many messages it charged for, and how many are left', async () => {
  const account = tencentSmsAccount(sandboxApplication(sandbox));
  const now = new Date();
  const [yesterday, hour] = [new Date(now.getTime() - 86_400_000), { first: now, last: now }];
  const [charged, left] = [await account.charged(hour), await account.left(now)];
  await send();
  await sandbox.control.smsCharges([{ at: yesterday, segments: 3 }]);
  expect(await account.charged(hour)).toBe(charged + 1);
  expect(await account.charged({ first: yesterday, last: now })).toBeGreaterThanOrEqual(charged + 4);
  // What is left of a package that has ended is nobody's.
  expect(await account.left(now)).toBe(left - 4);
  await fault('error', { times: 'always' });
  await expect(account.left(now)).rejects.toMatchObject({ code: 'InternalError.Timeout' });
  await expect(account.charged(hour)).rejects.toMatchObject({ code: 'InternalError.Timeout' });
});
