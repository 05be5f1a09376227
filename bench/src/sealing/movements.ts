import {
  chargePurse,
  chargeStatements,
  lockUser,
  type PlannedCharge,
  type Purse,
  readPurses,
  refundCharge,
  selectGrantsSql,
} from '@yunshang/billing';
import { type Db, inTransaction, newId, type ResultRows, type Tx } from '@yunshang/db';
import { makeMembers } from '@yunshang/devstack';
import { sql } from 'kysely';
import { load, type Measured } from '../measure.ts';

const MEMBERS = 200;
const CONCURRENCY = 16;
const PLENTY = 1_000_000_000;
/** Held charges of a member that are made at once, to be given back one by one. */
const AT_ONCE = 100;

type Times = { warmMs: number; measureMs: number };
export type Movements = {
  /** Transactions that each take one unit of a member's quota. */
  deduct(times: Times): Promise<Measured>;
  /** Makes charges to give back, so that there are `count`. */
  hold(count: number): Promise<void>;
  /** Transactions that each give one of them back. */
  refund(times: Times): Promise<Measured>;
};

/** Quota that moves by the statements of billing alone, without HTTP and without tasks: 200 members, 16 callers. */
export async function openMovements(db: Db): Promise<Movements> {
  const members = (await makeMembers(db, MEMBERS, { quota: PLENTY })).map(({ userId }) => userId);
  const held: PlannedCharge[] = [];
  let turn = 0;
  const nextMember = (): string => {
    turn += 1;
    return members[turn % MEMBERS] ?? '';
  };
  return {
    deduct: (times) =>
      load({ concurrency: CONCURRENCY, ...times }, async () => void (await charge(db, nextMember(), 1))),
    async hold(count) {
      while (held.length < count) held.push(...(await charge(db, nextMember(), AT_ONCE)));
      // Neighbours of one member would wait for each other.
      held.sort((one, other) => other.seq - one.seq);
    },
    refund: (times) =>
      load({ concurrency: CONCURRENCY, ...times }, async () => {
        const next = held.pop();
        if (next === undefined) throw new Error('refunds are quicker than was thought: hold more charges');
        const { userId, chargeId } = next;
        await inTransaction(db, (tx) => refundCharge(tx, { userId, chargeId, cause: 'bench', now: new Date() }));
      }),
  };
}

async function charge(db: Db, userId: string, times: number): Promise<PlannedCharge[]> {
  return inTransaction(db, async (tx) => {
    const { id, quotaRemaining, ledgerSeq } = await lockUser(tx, userId);
    const now = new Date();
    const rows = [{ id, quota_remaining: quotaRemaining, ledger_seq: ledgerSeq }];
    let purse: Purse | undefined = readPurses(rows, await send(tx, selectGrantsSql([userId]))).get(userId);
    const charges: PlannedCharge[] = [];
    for (let n = 0; n < times && purse !== undefined; n += 1) {
      const charged = chargePurse(purse, { chargeId: newId(), taskId: newId(), amount: 1 }, now);
      if (charged !== undefined) charges.push(charged.charge);
      purse = charged?.purse;
    }
    if (purse === undefined) throw new Error('a member of the bench has run out of quota');
    for (const statement of chargeStatements(charges, [purse], now)) await send(tx, statement);
    return charges;
  });
}

async function send(tx: Tx, statement: string): Promise<ResultRows> {
  const { rows } = await sql.raw<Record<string, unknown>>(statement).execute(tx);
  return rows;
}
