import { randomBytes, randomInt } from 'node:crypto';
import { fakeClock, until, type FakeClock } from '@yunshang/devstack';
import {
  testDatabase,
  testRedisUrl,
  testSandbox,
  type TestDatabase,
  type TestSandbox,
} from '@yunshang/devstack/testing';
import { isAppError, type Tokens } from '@yunshang/contracts';
import { Redis } from 'ioredis';
import {
  createAccounts,
  DEFAULT_SMS_LIMITS,
  tencentSmsGateway,
  type Accounts,
  type AccountsConfig,
  type AccountsDeps,
  type SmsApplication,
  type SmsGateway,
} from '../src/index.ts';

export const USER_AGENT = 'Mozilla/5.0 (test)';

/** Keys made for this run. */
export const config: AccountsConfig = {
  phoneKeys: [{ version: 1, key: randomBytes(32) }],
  phoneIndexKey: randomBytes(32),
  codeKey: randomBytes(32),
  accessKeys: [{ id: 'a1', secret: randomBytes(32) }],
  refreshKeys: [{ id: 'r1', secret: randomBytes(32) }],
  accessTtlSeconds: 900,
  refreshTtlDays: 30,
  sms: {
    ...DEFAULT_SMS_LIMITS,
    perIp: { points: 10_000, seconds: 3_600 },
    perPrefix: { points: 10_000, seconds: 3_600 },
  },
};

export type LogLine = { level: string; fields: Record<string, unknown>; message: string };

type Changes = { config?: Partial<AccountsConfig>; redisUrl?: string } & Partial<
  Pick<AccountsDeps, 'sms' | 'smsCosts'>
>;

export type World = {
  database: TestDatabase;
  redisUrl: string;
  sandbox: TestSandbox;
  sms: SmsGateway;
  clock: FakeClock;
  log: LogLine[];
  accounts: Accounts;
  /** One more process of the same service, as far as the database and Redis can tell. */
  another(changes?: Changes): Accounts;
  /** Asks for a code, and reads it from the phone. */
  codeFor(phone: string): Promise<string>;
  signIn(phone?: string): Promise<Tokens>;
  /** Each running process is told when sessions end. */
  untilListening(): Promise<void>;
  flushRedis(): Promise<void>;
  close(): Promise<void>;
};

/** Real database, Redis and SMS sandbox; only the time is ours. */
export async function openWorld(): Promise<World> {
  const [database, redisUrl, sandbox] = await Promise.all([testDatabase(), testRedisUrl(), testSandbox()]);
  const direct = new Redis(redisUrl);
  const clock = fakeClock();
  const log: LogLine[] = [];
  const running: { accounts: Accounts; redis: Redis }[] = [];
  const sms = sandboxGateway(sandbox);
  const record = (level: string) => (fields: Record<string, unknown>, message: string) =>
    void log.push({ level, fields, message });
  const another: World['another'] = (changes = {}) => {
    const redis = new Redis(changes.redisUrl ?? redisUrl, { lazyConnect: true });
    const accounts = createAccounts({
      database,
      redis,
      clock,
      config: { ...config, ...changes.config },
      sms: changes.sms ?? sms,
      ...(changes.smsCosts === undefined ? {} : { smsCosts: changes.smsCosts }),
      log: { info: record('info'), warn: record('warn') },
    });
    running.push({ accounts, redis });
    return accounts;
  };
  const accounts = another();
  const codeFor = async (phone: string): Promise<string> => {
    await accounts.requestCode({ phone, ip: '203.0.113.7' });
    return sandbox.control.smsCode(phone);
  };
  return {
    database,
    redisUrl,
    sandbox,
    sms,
    clock,
    log,
    accounts,
    another,
    codeFor,
    signIn: async (phone = newPhone()) =>
      accounts.signIn({ phone, code: await codeFor(phone), ip: '203.0.113.7', userAgent: USER_AGENT }),
    untilListening: () => untilListening(redisUrl, running.length),
    flushRedis: async () => void (await direct.flushdb()),
    async close() {
      await Promise.all(running.map(({ accounts: one }) => one.close()));
      for (const { redis } of running) redis.disconnect();
      direct.disconnect();
      await database.close();
    },
  };
}

export function sandboxGateway(sandbox: TestSandbox, changes: { timeoutSeconds?: number } = {}): SmsGateway {
  const { smsSignName: signName, smsTemplateId: templateId } = sandbox.settings;
  return tencentSmsGateway({ ...sandboxApplication(sandbox), signName, templateId, ...changes });
}

export function sandboxApplication({ url, settings }: TestSandbox): SmsApplication {
  return {
    secretId: settings.tencentSecretId,
    secretKey: settings.tencentSecretKey,
    region: settings.region,
    sdkAppId: settings.smsSdkAppId,
    endpoint: new URL(url).host,
    protocol: 'http://',
    timeoutSeconds: 5,
  };
}

let phones = randomInt(1_000_000, 9_000_000);

/** A phone nobody has used yet. */
export function newPhone(): string {
  phones += 1;
  return `+86138${String(phones).padStart(8, '0')}`;
}

/** Six digits that are not the code. */
export function wrongGuess(code: string): string {
  return code === '000000' ? '000001' : '000000';
}

/** The codes of the errors among these. */
export function refusals(outcomes: readonly PromiseSettledResult<unknown>[]): Set<string> {
  return new Set(
    outcomes.flatMap((outcome) => {
      if (outcome.status === 'fulfilled') return [];
      return [isAppError(outcome.reason) ? outcome.reason.code : String(outcome.reason)];
    }),
  );
}

/** Waits until that many processes hear this Redis; other tests have other databases of the same server. */
export async function untilListening(redisUrl: string, count: number): Promise<void> {
  const redis = new Redis(redisUrl);
  const database = new URL(redisUrl).pathname.slice(1) || '0';
  const listening = async (): Promise<number> => {
    const clients = String(await redis.client('LIST')).split('\n');
    return clients.filter((line) => line.includes(` db=${database} sub=1 `)).length;
  };
  await until(async () => (await listening()) === count, { what: `${count} processes to listen` });
  redis.disconnect();
}
