import { inputInvalid, type AuditReport, type AuditVerification } from '@yunshang/contracts';
import {
  type Actor,
  type Clock,
  type Db,
  inTransaction,
  isDuplicate,
  raiseAlert,
  recordAudit,
  SHANGHAI_OFFSET_MS,
  shanghaiDay,
} from '@yunshang/db';
import { findHead } from '../chain/block.store.ts';
import {
  endVerification,
  findNextWaiting,
  findWaitingFor,
  getVerification,
  insertVerification,
  listVerifications,
  verdictOf,
} from './verification.store.ts';
import type { VerifyOptions } from './verify-chain.ts';

/** Shown of those that were made. */
const SHOWN = 20;
const DAY_MS = 86_400_000;

export type Verifications = {
  /**
   * Has the chain proven by a worker; who asks while the same is waiting gets that. INPUT_INVALID behind a block that is not there.
   */
  request(actor: Actor, input: { behindBlock?: number | undefined }): Promise<AuditVerification>;
  /** The newest first. */
  list(): Promise<AuditVerification[]>;
};

/** Proofs that people ask for. */
export function createVerifications({ db, clock }: { db: Db; clock: Clock }): Verifications {
  return {
    request: async (actor, { behindBlock = 0 }) => {
      if (behindBlock > (await findHead(db)).seq)
        throw inputInvalid('behindBlock', 'too_big', { zh: '链上没有这个区块', en: 'the chain has no such block' });
      const waiting = await findWaitingFor(db, behindBlock);
      if (waiting !== undefined) return waiting;
      try {
        return await getVerification(db, await write({ db, clock }, { actor, behindBlock }));
      } catch (error) {
        const others = isDuplicate(error) ? await findWaitingFor(db, behindBlock) : undefined;
        if (others === undefined) throw error;
        return others;
      }
    },
    list: () => listVerifications(db, SHOWN),
  };
}

function write(
  { db, clock }: { db: Db; clock: Clock },
  { actor, behindBlock }: { actor: Actor; behindBlock: number },
): Promise<string> {
  const now = clock.now();
  return inTransaction(db, async (tx) => {
    const id = await insertVerification(tx, { requestedBy: actor.id, behind: behindBlock, now });
    await recordAudit(tx, actor, {
      action: 'audit.verification_requested',
      subjectType: 'audit_verification',
      subjectId: id,
      details: behindBlock === 0 ? {} : { behindBlock },
      now,
    });
    return id;
  });
}

type Deps = { db: Db; clock: Clock; verify: (options: VerifyOptions) => Promise<AuditReport> };

/**
 * Makes the proof that has waited longest, and once a day, in the given hour of Beijing, one of everything. A finding tells people at
 * once. When the chain can not be looked at it throws, and the proof waits for the next run.
 */
export async function runVerifications(
  deps: Deps,
  { nightlyHour }: { nightlyHour?: number | undefined },
): Promise<void> {
  if (nightlyHour !== undefined) await promiseNightly(deps, nightlyHour);
  const waiting = await findNextWaiting(deps.db);
  if (waiting !== undefined) await makeVerification(deps, waiting);
}

async function promiseNightly({ db, clock }: Deps, hour: number): Promise<void> {
  const now = clock.now();
  if (new Date(now.getTime() + SHANGHAI_OFFSET_MS).getUTCHours() !== hour) return;
  const isRecent = (made: AuditVerification): boolean =>
    made.requestedBy === null && now.getTime() - new Date(made.createdAt).getTime() < DAY_MS / 2;
  // One that somebody has just asked for comes first; this one follows it.
  if ((await listVerifications(db, SHOWN)).some(isRecent) || (await findWaitingFor(db, 0)) !== undefined) return;
  await inTransaction(db, (tx) => insertVerification(tx, { requestedBy: null, behind: 0, now }));
}

async function makeVerification(
  { db, clock, verify }: Deps,
  { id, behind }: { id: string; behind: number },
): Promise<void> {
  const report = await verify({ behind });
  const now = clock.now();
  await inTransaction(db, async (tx) => {
    const status = report.ok ? 'proven' : 'broken';
    if (!(await endVerification(tx, { id, status, report, now })) || report.ok) return;
    const [first] = report.findings;
    const subject = `${first?.kind}:${first?.where}:${first?.id}`.slice(0, 60);
    const details = { verificationId: id, finding: verdictOf(report).zh, findings: report.findings.length };
    await raiseAlert(tx, { kind: 'audit_broken', subject, period: shanghaiDay(now), details }, now);
  });
}
