import {
  chargeStatements,
  claimsOf,
  type Purse,
  readPurses,
  reservedIn,
  reserveSql,
  selectGrantsSql,
} from '@yunshang/billing';
import { promiseJobsSql, type ResultRows, type Send, sqlList, sqlValue, toJson } from '@yunshang/db';
import { z } from 'zod';
import {
  type AdmissionRequest,
  type AssetRow,
  type Decision,
  handledKey,
  type MemberState,
  type Usage,
  windowProbes,
} from './admission.ts';

const userRow = z.object({ id: z.string(), account_id: z.string(), quota_remaining: z.int(), ledger_seq: z.int() });
const nowRow = z.object({ now: z.date() });
const periodRow = z.object({ user_id: z.string(), level: z.int() });
const usageRow = z.object({ user_id: z.string(), feature_id: z.string(), seq: z.int(), last_at: z.date() });
const useRow = z.object({ user_id: z.string(), feature_id: z.string(), feature_seq: z.int(), created_at: z.date() });
const handledRow = z.object({
  user_id: z.string(),
  scope: z.string(),
  idem_key: z.string(),
  request_hash: z.instanceof(Buffer),
  resource_id: z.string(),
});
const assetRow = z.object({
  id: z.string(),
  user_id: z.string(),
  kind: z.string(),
  status: z.string(),
  content_type: z.string(),
  bytes: z.int(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  duration_ms: z.int().nullable(),
});

/** Members of one batch, locked, and the time of the lock by the database's clock. */
export type LockedMembers = { readonly now: Date; readonly members: ReadonlyMap<string, MemberState> };

function readStatements(
  userIds: readonly string[],
  requests: readonly AdmissionRequest[],
  assetIds: readonly string[],
  skipLocked: boolean,
): string[] {
  const keys = requests.map(
    (r) =>
      `(user_id = ${sqlValue(r.userId)} AND scope = ${sqlValue(r.scope)} AND idem_key = ${sqlValue(r.idempotencyKey)})`,
  );
  const users = sqlList(userIds);
  return [
    'START TRANSACTION',
    `SELECT id, account_id, quota_remaining, ledger_seq FROM users WHERE id IN ${users} AND deleted_at IS NULL ORDER BY id FOR UPDATE${skipLocked ? ' SKIP LOCKED' : ''}`,
    // In statements of their own: what a locking select computes beside the lock may be from before the wait.
    'SELECT UTC_TIMESTAMP(3) AS now',
    selectGrantsSql(userIds),
    `SELECT user_id, level FROM membership_periods WHERE user_id IN ${users} AND starts_at <= UTC_TIMESTAMP(3) AND ends_at > UTC_TIMESTAMP(3)`,
    `SELECT user_id, feature_id, seq, last_at FROM feature_usage WHERE user_id IN ${users}`,
    `SELECT user_id, scope, idem_key, request_hash, resource_id FROM idempotency_keys WHERE ${keys.join(' OR ')}`,
    ...(assetIds.length === 0
      ? []
      : [
          `SELECT id, user_id, kind, status, content_type, bytes, width, height, duration_ms FROM assets WHERE id IN ${sqlList(assetIds)}`,
        ]),
  ];
}

function countTasks(requests: readonly AdmissionRequest[]): number {
  return requests.reduce((sum, { tasks }) => sum + tasks.length, 0);
}

/** Times of the earlier uses that window limits ask about; nothing is sent while nobody is near a limit. */
async function readUses(
  send: Send,
  requests: readonly AdmissionRequest[],
  usage: readonly z.infer<typeof usageRow>[],
): Promise<z.infer<typeof useRow>[]> {
  const probes: string[] = [];
  for (const row of usage) {
    const mine = requests.filter((r) => r.userId === row.user_id && r.featureId === row.feature_id);
    const limits = mine[0]?.limits ?? null;
    const seqs = limits === null ? [] : windowProbes(row, limits, countTasks(mine));
    if (seqs.length > 0)
      probes.push(
        `(user_id = ${sqlValue(row.user_id)} AND feature_id = ${sqlValue(row.feature_id)} AND feature_seq IN ${sqlList(seqs)})`,
      );
  }
  if (probes.length === 0) return [];
  const [rows = []] = await send([
    `SELECT user_id, feature_id, feature_seq, created_at FROM tasks WHERE ${probes.join(' OR ')}`,
  ]);
  return z.array(useRow).parse(rows);
}

function usageOf(
  userId: string,
  rows: readonly z.infer<typeof usageRow>[],
  uses: readonly z.infer<typeof useRow>[],
): Map<string, Usage> {
  return new Map(
    rows
      .filter((row) => row.user_id === userId)
      .map((row) => {
        const mine = uses.filter((use) => use.user_id === userId && use.feature_id === row.feature_id);
        return [
          row.feature_id,
          { seq: row.seq, lastAt: row.last_at, at: new Map(mine.map((use) => [use.feature_seq, use.created_at])) },
        ];
      }),
  );
}

function assetsOf(rows: ResultRows): Map<string, AssetRow> {
  return new Map(
    z
      .array(assetRow)
      .parse(rows)
      .map((a) => [
        a.id,
        {
          id: a.id,
          userId: a.user_id,
          kind: a.kind,
          status: a.status,
          contentType: a.content_type,
          bytes: a.bytes,
          width: a.width,
          height: a.height,
          durationMs: a.duration_ms,
        },
      ]),
  );
}

/**
 * Begins the transaction, locks the members' rows and reads all that a decision needs, in one round trip, or two when a window
 * limit is near. With `skipLocked` a member whose row somebody else holds is left out.
 */
export async function lockMembers(
  send: Send,
  requests: readonly AdmissionRequest[],
  options: { assetIds: readonly string[]; skipLocked: boolean },
): Promise<LockedMembers> {
  const userIds = [...new Set(requests.map((request) => request.userId))].sort();
  const [
    ,
    userRows = [],
    nowRows = [],
    grantRows = [],
    periodRows = [],
    usageRows = [],
    handledRows = [],
    assetRows = [],
  ] = await send(readStatements(userIds, requests, options.assetIds, options.skipLocked));
  const users = z.array(userRow).parse(userRows);
  const usage = z.array(usageRow).parse(usageRows);
  const uses = await readUses(send, requests, usage);
  const purses = readPurses(users, grantRows);
  const levels = new Map(
    z
      .array(periodRow)
      .parse(periodRows)
      .map((period) => [period.user_id, period.level]),
  );
  const handled = z.array(handledRow).parse(handledRows);
  const assets = assetsOf(assetRows);
  const members = new Map<string, MemberState>();
  for (const user of users) {
    const purse = purses.get(user.id);
    if (purse === undefined) continue;
    members.set(user.id, {
      userId: user.id,
      accountId: user.account_id,
      planLevel: levels.get(user.id) ?? null,
      purse,
      usage: usageOf(user.id, usage, uses),
      assets,
      handled: new Map(
        handled
          .filter((h) => h.user_id === user.id)
          .map((h) => [
            handledKey({ scope: h.scope, idempotencyKey: h.idem_key }),
            { requestHash: h.request_hash, resourceId: h.resource_id },
          ]),
      ),
    });
  }
  return { now: nowRow.parse(nowRows[0]).now, members };
}

type Accepted = Extract<Decision, { kind: 'accepted' }>;

function taskRows({ request, tasks, at }: Accepted): string[] {
  const deadline = new Date(at.getTime() + request.maxExecutionSeconds * 1000);
  const { reservation } = request;
  return tasks.map(({ wanted, charge, featureSeq }) =>
    sqlList([
      wanted.taskId,
      request.userId,
      request.featureId,
      featureSeq,
      charge.chargeId,
      charge.amount,
      request.formVersion,
      request.pipelineVersion,
      toJson(wanted.input),
      'pending',
      'received',
      1,
      0,
      deadline,
      at,
      request.batchId,
      wanted.retryOf,
      reservation?.microYuan ?? null,
      reservation === null ? null : reservedIn(reservation),
    ]),
  );
}

function batchStatements(accepted: readonly Accepted[]): string[] {
  const rows = accepted.flatMap(({ request, at }) =>
    request.batchId === null
      ? []
      : [sqlList([request.batchId, request.userId, request.featureId, request.tasks.length, at])],
  );
  return rows.length === 0
    ? []
    : [`INSERT INTO task_batches (id, user_id, feature_id, size, created_at) VALUES ${rows.join(', ')}`];
}

/** Nothing while there are no budgets. The rows are everybody's, so they are touched last. */
function budgetStatements(accepted: readonly Accepted[]): string[] {
  const claims = claimsOf(
    accepted.flatMap(({ request: { reservation }, tasks, at }) =>
      reservation === null ? [] : [{ reservation, tasks: tasks.length, at }],
    ),
  );
  return claims.length === 0 ? [] : [reserveSql(claims)];
}

function usageValues(accepted: readonly Accepted[]): string[] {
  const last = new Map<string, Accepted>();
  for (const item of accepted) last.set(`${item.request.userId} ${item.request.featureId}`, item);
  return [...last.values()].map(({ request, tasks, at }) =>
    sqlList([request.userId, request.featureId, tasks.at(-1)?.featureSeq ?? 0, at]),
  );
}

/** Writes every accepted request and commits, in one round trip, in a fixed number of statements. */
export async function writeAdmissions(
  send: Send,
  decisions: readonly Decision[],
  purses: readonly Purse[],
  now: Date,
): Promise<void> {
  const accepted = decisions.filter((decision) => decision.kind === 'accepted');
  if (accepted.length === 0) {
    await send(['ROLLBACK']);
    return;
  }
  const spent = new Set(accepted.map(({ request }) => request.userId));
  const jobs = accepted.flatMap(({ request: { userId }, tasks, priority }) =>
    tasks.map(({ wanted: { taskId } }) => ({
      job: 'task.run' as const,
      payload: { taskId },
      dedupKey: `task:${taskId}`,
      owner: { userId, priority },
    })),
  );
  const keys = accepted.map(({ request: r, tasks }) =>
    sqlList([r.userId, r.scope, r.idempotencyKey, r.requestHash, r.batchId ?? tasks[0]?.wanted.taskId ?? '', now]),
  );
  const events = accepted.flatMap(({ tasks, at }) =>
    tasks.map(({ wanted }) => sqlList([wanted.taskId, 'pending', 0, 'received', at])),
  );
  await send([
    ...chargeStatements(
      accepted.flatMap(({ tasks }) => tasks.map(({ charge }) => charge)),
      purses.filter((purse) => spent.has(purse.userId)),
      now,
    ),
    ...batchStatements(accepted),
    `INSERT INTO tasks (id, user_id, feature_id, feature_seq, charge_id, quota_cost, form_version, pipeline_version, input, status, stage,
      eligible_for_refund, refunded, deadline_at, created_at, batch_id, retry_of, reserved_micro_yuan, reserved_in) VALUES ${accepted.flatMap(taskRows).join(', ')}`,
    `INSERT INTO feature_usage (user_id, feature_id, seq, last_at) VALUES ${usageValues(accepted).join(', ')}
      ON DUPLICATE KEY UPDATE seq = VALUES(seq), last_at = VALUES(last_at)`,
    `INSERT INTO task_events (task_id, status, percent, stage, created_at) VALUES ${events.join(', ')}`,
    promiseJobsSql(jobs, now),
    `INSERT INTO idempotency_keys (user_id, scope, idem_key, request_hash, resource_id, created_at) VALUES ${keys.join(', ')}`,
    ...budgetStatements(accepted),
    'COMMIT',
  ]);
}
