import { expect, it } from 'vitest';
import { appEnvironment, type VendorSettings } from '@yunshang/devstack';
import { readConfig } from './config.ts';

const pem = (name: string): string => `-----BEGIN ${name}-----\\nx\\n-----END ${name}-----`;
const settings: VendorSettings = {
  mchid: '1900000001',
  appid: 'wx0000000000000001',
  merchantSerial: 'A'.repeat(40),
  merchantPrivateKeyPem: pem('PRIVATE KEY'),
  merchantCertPem: pem('CERTIFICATE'),
  apiV3Key: 'k'.repeat(32),
  platformPublicKeyId: 'PUB_KEY_ID_1',
  platformPublicKeyPem: pem('PUBLIC KEY'),
  tencentSecretId: 'AKIDx',
  tencentSecretKey: 'secret',
  bucket: 'garment-1250000000',
  region: 'ap-shanghai',
  smsSdkAppId: '1400000000',
  smsSignName: '云裳',
  smsTemplateId: '1',
  smsNoticeTemplateId: '2',
  callbackKeys: `test:${'c'.repeat(32)}`,
  runninghubKeyA: 'a'.repeat(32),
  runninghubKeyB: 'b'.repeat(32),
  runninghubPoseWorkflowA: '1900000000000000001',
  runninghubPoseWorkflowB: '1900000000000000003',
  runninghubVideoWorkflowA: '1900000000000000005',
  runninghubVideoWorkflowB: '1900000000000000007',
  runninghubUnsavedWorkflow: '1900000000000000009',
  runninghubPoseWebapp: '1900000000000000011',
  runninghubVideoWebapp: '1900000000000000013',
};
const good = appEnvironment({
  databaseUrl: 'mysql://root@127.0.0.1:3306/x',
  redisUrl: 'redis://127.0.0.1:6379/0',
  publicUrl: 'http://127.0.0.1:3000',
  vendorUrl: 'http://127.0.0.1:4600',
  settings,
});

it('reads what the stack gives', () => {
  const config = readConfig({ ...good, PORT: '8080', ORDER_QUERY_SCHEDULE_MS: '5,50,500', COS_DOMAIN: '' });
  expect(config).toMatchObject({ port: 8080, host: '127.0.0.1', metricsPort: undefined });
  expect(config.orders.queryScheduleMs).toEqual([5, 50, 500]);
  expect(config.wechat.merchantPrivateKeyPem.split('\n')).toHaveLength(3);
  expect(config.cos).not.toHaveProperty('domain');
  expect(config.edge.trustProxy).toEqual([]);
});

it('names every variable that is missing, in one message', () => {
  expect(() => readConfig({ ...good, DATABASE_URL: undefined, WECHAT_MCHID: '' })).toThrow(
    /DATABASE_URL: is missing\n {2}WECHAT_MCHID: is missing/,
  );
});

it.each([
  ['TRUST_PROXY', 'true', /proxies/],
  ['TRUST_PROXY', '1', /proxies/],
  ['ACCESS_TOKEN_KEYS', 'short', /id:base64/],
  ['WECHAT_MERCHANT_CERT', 'x', /PEM/],
  ['ORDER_QUERY_SCHEDULE_MS', '10,5', /ascending/],
  ['PORT', '70000', /65535/],
])('refuses %s=%s and does not repeat secrets', (name, value, words) => {
  const read = () => readConfig({ ...good, [name]: value, TENCENT_SECRET_KEY: '' });
  expect(read).toThrow(words);
  expect(read).toThrow(new RegExp(name));
  expect(read).not.toThrow(new RegExp(settings.apiV3Key));
});

it('looks at pictures unless told not to', () => {
  const { MODERATION: _given, ...silent } = good;
  expect(readConfig(silent).moderation).toMatchObject({ reviewed: 'refuse', ims: { region: 'ap-guangzhou' } });
  expect(readConfig({ ...good, MODERATION: 'off' }).moderation).toBeUndefined();
});

it('signs for a CDN when it knows all about it', () => {
  const cdn = { CDN_BASE_URL: 'https://files.example.cn', CDN_SIGNING: 'D', CDN_KEY: 'abcdef123456' };
  expect(readConfig(good).cdn).toBeUndefined();
  expect(readConfig({ ...good, ...cdn }).cdn).toMatchObject({ signing: 'D', ttlSeconds: 600 });
  for (const name of Object.keys(cdn)) expect(() => readConfig({ ...good, ...cdn, [name]: '' })).toThrow(/all or none/);
  expect(() => readConfig({ ...good, ...cdn, CDN_KEY: 'no' })).toThrow(/CDN_KEY/);
});
