import { AppError, type PlanBody, type PlanVersion } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, isDuplicate, recordAudit, type Tx } from '@yunshang/db';
import { assertPasses, type Judgement } from '../guard/assert-passes.ts';
import {
  findPlanVersion,
  insertDraft,
  listPlanVersions,
  lockVersions,
  moveVersion,
  type PlanVersionId,
  updateDraft,
} from './plan-version.store.ts';

/** Plans as finance changes them: PLAN_NOT_FOUND for a version that is not there. Whoever has ordered keeps what was ordered. */
export type PlanVersions = {
  /** Every version, the lowest level first and of each plan the newest first. */
  list(planId?: string): Promise<PlanVersion[]>;
  /**
   * Keeps the plan as its open draft, or as a new version when none is open, judged as if it were on sale. STATE_CONFLICT when two
   * begin one at once. GUARD_REFUSED for what the guard fails, GUARD_UNACKNOWLEDGED for what it warns of and `acknowledge` does not name.
   */
  saveDraft(actor: Actor, body: PlanBody, acknowledge?: readonly string[]): Promise<PlanVersion>;
  /**
   * Sells a draft from now on; what was sold before it is archived. STATE_CONFLICT for what is no draft, and what the guard says of it
   * as it is then.
   */
  publish(actor: Actor, input: Publish): Promise<PlanVersion>;
  /** Takes a version off sale for good, or throws a draft away. STATE_CONFLICT for what is archived. */
  archive(actor: Actor, input: PlanVersionId & { reason: string }): Promise<PlanVersion>;
};

type Publish = PlanVersionId & { reason: string; acknowledge?: readonly string[] | undefined };

/** The billing guard, handed in at wiring: whether the business survives these plans, as this transaction sees it. */
type Review = (tx: Tx, change: { plans: readonly Judged[] }) => Promise<Judgement>;
type Judged = PlanBody & Pick<PlanVersion, 'version' | 'status'>;

export function createPlanVersions({ db, clock, review }: { db: Db; clock: Clock; review: Review }): PlanVersions {
  async function get(id: PlanVersionId): Promise<PlanVersion> {
    const version = await findPlanVersion(db, id);
    if (version === undefined) throw new AppError('PLAN_NOT_FOUND');
    return version;
  }
  return {
    list: (planId) => listPlanVersions(db, planId),
    saveDraft: async (actor, body, acknowledge) => {
      const version = await begin(db, (tx) =>
        saveDraft({ tx, review }, actor, { body, acknowledge, now: clock.now() }),
      );
      return get({ planId: body.planId, version });
    },
    publish: async (actor, { planId, version, ...how }) => {
      const id = { planId, version };
      await begin(db, (tx) => publish({ tx, review }, actor, { id, ...how, now: clock.now() }));
      return get(id);
    },
    archive: async (actor, { reason, ...id }) => {
      const now = clock.now();
      await begin(db, async (tx) => {
        getThere(await lockVersions(tx, id.planId), id);
        if (!(await moveVersion(tx, { ...id, to: 'archived', now }))) throw conflict('archived');
        await audit(tx, actor, { id, action: 'plan.archived', details: { reason }, now });
      });
      return get(id);
    },
  };
}

/** Of two who begin the first version of a plan at once, the second finds it there. */
async function begin<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await inTransaction(db, work);
  } catch (error) {
    throw isDuplicate(error) ? new AppError('STATE_CONFLICT', { reason: 'draft_open' }, { cause: error }) : error;
  }
}

type Reviewed = { tx: Tx; review: Review };
type Draft = { body: PlanBody; acknowledge?: readonly string[] | undefined; now: Date };

async function saveDraft({ tx, review }: Reviewed, actor: Actor, { body, acknowledge, now }: Draft): Promise<number> {
  const versions = await lockVersions(tx, body.planId);
  const draft = versions.find((version) => version.status === 'draft');
  const version = draft?.version ?? Math.max(0, ...versions.map((each) => each.version)) + 1;
  const id = { planId: body.planId, version };
  const { audited } = assertPasses(await review(tx, { plans: onSale(versions, { ...body, version }) }), acknowledge);
  if (draft === undefined) await insertDraft(tx, { body, version, createdBy: actor.id, now });
  else if (!(await updateDraft(tx, id, body))) throw conflict('published');
  await audit(tx, actor, { id, action: 'plan.draft_saved', details: { ...body, ...audited }, now });
  return version;
}

/** The plan on sale in this version, and not any more in the one that is. */
function onSale(versions: readonly PlanVersion[], plan: PlanBody & { version: number }): Judged[] {
  const before = versions.find(({ status }) => status === 'published');
  return [
    { ...plan, status: 'published' },
    ...(before === undefined ? [] : [{ ...before, status: 'archived' as const }]),
  ];
}

async function publish(
  { tx, review }: Reviewed,
  actor: Actor,
  { id, reason, acknowledge, now }: Omit<Publish, keyof PlanVersionId> & { id: PlanVersionId; now: Date },
): Promise<void> {
  const versions = await lockVersions(tx, id.planId);
  const plan = getThere(versions, id);
  if (plan.status !== 'draft') throw conflict('not_a_draft');
  const before = versions.find((version) => version.status === 'published');
  const { audited } = assertPasses(await review(tx, { plans: onSale(versions, plan) }), acknowledge);
  if (before !== undefined) await moveVersion(tx, { planId: id.planId, version: before.version, to: 'archived', now });
  if (!(await moveVersion(tx, { ...id, to: 'published', now }))) throw conflict('not_a_draft');
  const details = { reason, plan, archivedVersion: before?.version ?? null, ...audited };
  await audit(tx, actor, { id, action: 'plan.published', details, now });
}

function getThere(versions: readonly PlanVersion[], { version }: PlanVersionId): PlanVersion {
  const there = versions.find((each) => each.version === version);
  if (there === undefined) throw new AppError('PLAN_NOT_FOUND');
  return there;
}

function conflict(reason: string): AppError {
  return new AppError('STATE_CONFLICT', { reason });
}

function audit(
  tx: Tx,
  actor: Actor,
  entry: { id: PlanVersionId; action: string; details: Record<string, unknown>; now: Date },
): Promise<void> {
  const { id, action, details, now } = entry;
  const subject = { subjectType: 'plan', subjectId: `${id.planId}:${id.version}` };
  return recordAudit(tx, actor, { action, ...subject, details, now });
}
