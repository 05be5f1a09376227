import type { Db } from '@yunshang/db';
import type { Stack } from '@yunshang/devstack';
import { load, type Measured } from '../measure.ts';
import { postJson, rawClient } from '../raw-client.ts';
import { type BenchMember, benchMembers, widenLimits } from './members.ts';

export const USERS = 200;
const CLIENTS = 100;

export type Scenario = { name: string; concurrency: number; userOf: (turn: number) => number };
export const MANY_MEMBERS: Scenario = {
  name: '200 members, c=32',
  concurrency: 32,
  userOf: (turn) => (turn * 7) % USERS,
};

export type Ours = {
  /** Creates tasks over HTTP; `run` is in the idempotency keys, so each has another. */
  measure(
    scenario: Scenario,
    run: string,
    times: { warmMs: number; measureMs: number },
  ): Promise<{ measured: Measured; calls: number }>;
  close(): void;
};

/** Members of the stack and connections to its server. */
export async function openOurs(stack: Stack, db: Db): Promise<Ours> {
  await widenLimits(db);
  const members = await benchMembers(db, USERS, accessKey(stack));
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => rawClient(stack.server.port ?? 0)));
  return {
    async measure(scenario, run, times) {
      let turn = 0;
      const measured = await load({ concurrency: scenario.concurrency, ...times }, async (caller) => {
        turn += 1;
        const member = members[scenario.userOf(turn)];
        const client = clients[caller];
        if (member === undefined || client === undefined) throw new Error('no such member or client');
        const answer = await client.send(requestOf(member, `${run}-${turn}`));
        if (answer.status !== 200)
          throw new Error(`tasks.create answered ${answer.status}: ${answer.body.slice(0, 300)}`);
      });
      return { measured, calls: turn };
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}

function requestOf(member: BenchMember, turn: string): Buffer {
  const headers = { authorization: `Bearer ${member.token}`, 'idempotency-key': `bench-${turn}` };
  return postJson('/trpc/tasks.create', headers, { featureId: 'basic_clean', input: { photo: member.assetId } });
}

function accessKey(stack: Stack): { id: string; secret: Buffer } {
  const [secret = '', id = '1'] =
    (stack.environment['ACCESS_TOKEN_KEYS'] ?? '').split(',')[0]?.split(':').toReversed() ?? [];
  return { id, secret: Buffer.from(secret, 'base64') };
}
