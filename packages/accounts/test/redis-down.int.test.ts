import { until } from '@yunshang/devstack';
import { mortalRedis, type MortalRedis } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSION_CACHE_MS, type Accounts } from '../src/index.ts';
import { config, newPhone, openWorld, untilListening, USER_AGENT, type World } from './accounts-under-test.ts';
import { hangingRedis } from './hanging-redis.ts';

let world: World;
let redis: MortalRedis;
beforeAll(async () => {
  [world, redis] = await Promise.all([openWorld(), mortalRedis()]);
});
afterAll(async () => {
  await world.close();
  await redis.stop();
});

const tightCaps = { sms: { ...config.sms, perIp: { points: 2, seconds: 60 } } };
const ended = { code: 'SESSION_ENDED' };
const logged = (message: string): number => world.log.filter((line) => line.message === message).length;

/** Everything a member does, in a process that has no Redis. */
async function expectAllToWork(accounts: Accounts, ip: string): Promise<void> {
  const phone = newPhone();
  const tooFrequent = { code: 'SMS_TOO_FREQUENT' };
  await accounts.requestCode({ phone, ip });
  await expect(accounts.requestCode({ phone, ip })).rejects.toMatchObject(tooFrequent);
  await accounts.requestCode({ phone: newPhone(), ip });
  await expect(accounts.requestCode({ phone: newPhone(), ip })).rejects.toMatchObject(tooFrequent);
  const code = await world.sandbox.control.smsCode(phone);
  const tokens = await accounts.signIn({ phone, code, ip, userAgent: USER_AGENT });
  const caller = await accounts.authenticate(tokens.accessToken);
  await accounts.refresh({ refreshToken: tokens.refreshToken });
  await accounts.signOut(caller);
  await expect(accounts.authenticate(tokens.accessToken)).rejects.toMatchObject(ended);
}

/** The news can not come, but the cache does not outlive its time. */
async function expectEndWithinSeconds(accounts: Accounts, accessToken: string): Promise<void> {
  const caller = await accounts.authenticate(accessToken);
  await world.accounts.signOut(caller);
  world.clock.advance(SESSION_CACHE_MS);
  await expect(accounts.authenticate(accessToken)).rejects.toMatchObject(ended);
}

test('a Redis that died stops nobody, and one that is back brings the news again', async () => {
  const [one, other] = [redis, redis].map(({ redisUrl }) => world.another({ redisUrl, config: tightCaps }));
  if (one === undefined || other === undefined) throw new Error('two processes were started');
  await untilListening(redis.redisUrl, 2);
  const { accessToken } = await world.signIn();
  await one.authenticate(accessToken);

  await redis.kill();
  await expectAllToWork(one, '198.51.100.1');
  await expectEndWithinSeconds(one, accessToken);

  await redis.revive();
  await untilListening(redis.redisUrl, 2);
  await until(() => logged('Redis is back') === 2, { what: 'both processes to be back' });
  const after = await world.signIn();
  await one.signOut(await other.authenticate(after.accessToken));
  const isOver = (): Promise<boolean> =>
    other.authenticate(after.accessToken).then(
      () => false,
      () => true,
    );
  await until(isOver, { what: 'the news of the end' });
  expect(logged('Redis is away')).toBe(2);
});

test('a Redis that hangs stops nobody', async () => {
  const between = await hangingRedis(world.redisUrl);
  const accounts = world.another({ redisUrl: between.url, config: tightCaps });
  await untilListening(world.redisUrl, 2);
  const { accessToken } = await world.signIn();
  await accounts.authenticate(accessToken);

  between.hang();
  await expectAllToWork(accounts, '198.51.100.2');
  await expectEndWithinSeconds(accounts, accessToken);
  expect(
    await world.database.db.selectFrom('sms_codes').where('status', '=', 'used').select('id').execute(),
  ).not.toEqual([]);
  await accounts.close();
  await between.close();
});
