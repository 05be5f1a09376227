import { type ResultRows, sqlList, sqlValue } from '@yunshang/db';
import { z } from 'zod';
import type { PlannedCharge, Purse } from './charge-list.ts';

const grantRow = z.object({ id: z.string(), user_id: z.string(), remaining: z.int(), expires_at: z.date() });

/** Reads the live grants of members whose rows are locked by this transaction. */
export function selectGrantsSql(userIds: readonly string[]): string {
  return `SELECT id, user_id, remaining, expires_at FROM quota_grants
    WHERE user_id IN ${sqlList(userIds)} AND open_until > UTC_TIMESTAMP(3) ORDER BY user_id, open_until, id`;
}

/** A purse for each locked user row and the grants of selectGrantsSql. */
export function readPurses(
  users: readonly { id: string; quota_remaining: number; ledger_seq: number }[],
  grants: ResultRows,
): Map<string, Purse> {
  const byUser = Map.groupBy(z.array(grantRow).parse(grants), (grant) => grant.user_id);
  return new Map(
    users.map((user) => [
      user.id,
      {
        userId: user.id,
        balance: user.quota_remaining,
        ledgerSeq: user.ledger_seq,
        grants: (byUser.get(user.id) ?? []).map((g) => ({ id: g.id, remaining: g.remaining, expiresAt: g.expires_at })),
      },
    ]),
  );
}

function caseOf(column: string, cells: readonly (readonly [string, number])[]): string {
  return `${column} = CASE id ${cells.map(([id, value]) => `WHEN ${sqlValue(id)} THEN ${sqlValue(value)}`).join(' ')} END`;
}

function rows<T>(list: readonly T[], row: (item: T) => string): string {
  return list.map((item) => `(${row(item)})`).join(', ');
}

/**
 * The statements that write a list of charges and the purses they leave, in a fixed number whatever the length of the list;
 * free charges touch no grant.
 * They run in the transaction that locked the members' rows; the CHECKs on balance and grants have the last word.
 */
export function chargeStatements(charges: readonly PlannedCharge[], purses: readonly Purse[], now: Date): string[] {
  if (charges.length === 0) return [];
  const at = sqlValue(now);
  const touched = new Set(charges.flatMap((charge) => charge.takes.map((take) => take.grantId)));
  const grants = purses.flatMap((purse) => purse.grants.filter((grant) => touched.has(grant.id)));
  const takes = charges.flatMap((charge) => charge.takes.map((take) => ({ ...take, chargeId: charge.chargeId })));
  return [
    ...(grants.length === 0 ? [] : [grantsStatement(grants)]),
    `UPDATE users SET ${caseOf(
      'quota_remaining',
      purses.map((p) => [p.userId, p.balance] as const),
    )},
      ${caseOf(
        'ledger_seq',
        purses.map((p) => [p.userId, p.ledgerSeq] as const),
      )}, updated_at = ${at}
      WHERE id IN ${sqlList(purses.map((p) => p.userId))}`,
    `INSERT INTO quota_charges (id, user_id, task_id, amount, status, created_at) VALUES ${rows(
      charges,
      (c) =>
        `${sqlValue(c.chargeId)}, ${sqlValue(c.userId)}, ${sqlValue(c.taskId)}, ${sqlValue(c.amount)}, 'held', ${at}`,
    )}`,
    `INSERT INTO quota_logs (user_id, seq, kind, amount, balance_before, balance_after, cause, effect_key, charge_id, task_id, created_at) VALUES ${rows(
      charges,
      (c) =>
        `${sqlValue(c.userId)}, ${sqlValue(c.seq)}, 'charge', ${sqlValue(-c.amount)}, ${sqlValue(c.balanceBefore)}, ${sqlValue(c.balanceAfter)}, 'task_created', ${sqlValue(`charge:${c.chargeId}`)}, ${sqlValue(c.chargeId)}, ${sqlValue(c.taskId)}, ${at}`,
    )}`,
    ...(takes.length === 0 ? [] : [allocationsStatement(takes, at)]),
  ];
}

function grantsStatement(grants: readonly { id: string; remaining: number }[]): string {
  const cells = grants.map((grant) => [grant.id, grant.remaining] as const);
  return `UPDATE quota_grants SET ${caseOf('remaining', cells)} WHERE id IN ${sqlList(grants.map(({ id }) => id))}`;
}

function allocationsStatement(
  takes: readonly { chargeId: string; grantId: string; amount: number }[],
  at: string,
): string {
  return `INSERT INTO quota_allocations (charge_id, grant_id, direction, amount, created_at) VALUES ${rows(
    takes,
    (take) => `${sqlValue(take.chargeId)}, ${sqlValue(take.grantId)}, 'spend', ${sqlValue(take.amount)}, ${at}`,
  )}`;
}
