import type { Passed } from '@yunshang/billing';
import { AppError, type DefinitionVersionBody, type SavedVersion } from '@yunshang/contracts';
import { inTransaction, isDuplicate, recordAudit, type Actor, type Clock, type Db, type Tx } from '@yunshang/db';
import { listFeatureRecords } from './feature-record.store.ts';
import { passGuard, proposedVersion, type Review } from './guard-gate.ts';
import { assertNoIssues } from './issues.ts';
import { judgeVersion } from './judge-version.ts';
import {
  bodyOf,
  findVersion,
  insertVersion,
  listVersions,
  moveVersion,
  withoutBody,
  writeDraft,
  type StoredVersion,
  type VersionId,
} from './version.store.ts';

/** Rules of the guard whose warnings whoever saves has read. */
type Acknowledging = { acknowledge?: readonly string[] | undefined };
type Draft = Omit<VersionId, 'version'> & Acknowledging & { body: unknown };

export type Versions = {
  getVersion(id: VersionId): Promise<DefinitionVersionBody>;
  /**
   * Keeps a form or pipeline as the feature's open draft, or as a new version when there is none. Throws DEFINITION_INVALID
   * with every issue, GUARD_REFUSED, GUARD_UNACKNOWLEDGED, STATE_CONFLICT when somebody else began a draft at the same moment.
   */
  saveDraft(actor: Actor, draft: Draft): Promise<SavedVersion>;
  /** Judges a draft again and publishes it; it never changes after. Throws as saveDraft does. */
  publish(actor: Actor, id: VersionId & Acknowledging): Promise<SavedVersion>;
  /** Takes a published version out of use; tasks that began with it go on. STATE_CONFLICT while a feature points at it. */
  archive(actor: Actor, id: VersionId): Promise<SavedVersion>;
};

export function createVersions({ db, clock, review }: { db: Db; clock: Clock; review: Review }): Versions {
  return {
    getVersion: async (id) => {
      const found = await getVersion(db, id);
      return { ...withoutBody(found), body: bodyOf(found) };
    },
    saveDraft: (actor, draft) => saveDraft({ db, actor, now: clock.now(), review }, draft),
    publish: (actor, id) => inTransaction(db, (tx) => publish({ tx, actor, now: clock.now(), review }, id)),
    archive: (actor, id) => inTransaction(db, (tx) => archive({ tx, actor, now: clock.now() }, id)),
  };
}

async function saveDraft(
  { db, actor, now, review }: { db: Db; actor: Actor; now: Date; review: Review },
  draft: Draft,
): Promise<SavedVersion> {
  const { featureId, kind, body, acknowledge } = draft;
  const work = async (tx: Tx): Promise<SavedVersion> => {
    const newest = (await listVersions(tx, kind, featureId)).at(-1);
    const isOpen = newest?.status === 'draft';
    const id = { featureId, kind, version: isOpen ? newest.version : (newest?.version ?? 0) + 1 };
    const judged = await judgeVersion(tx, id, body);
    assertNoIssues(judged.issues);
    const passed = await passGuard({ tx, review }, proposedVersion(id, 'draft', judged.value), acknowledge);
    if (!isOpen) await insertVersion(tx, id, { body: judged.value, status: 'draft', now });
    else if (!(await writeDraft(tx, id, { body: judged.value, now }))) throw new AppError('STATE_CONFLICT');
    await audit({ tx, actor, now }, 'saved', { ...id, ...passed.audited });
    return { ...withoutBody(await getVersion(tx, id)), warnings: [...judged.warnings, ...passed.warnings] };
  };
  return inTransaction(db, work).catch((error: unknown) => {
    throw isDuplicate(error)
      ? new AppError('STATE_CONFLICT', { reason: 'a draft was begun meanwhile' }, { cause: error })
      : error;
  });
}

type Act = { tx: Tx; actor: Actor; now: Date };

async function publish(
  { tx, actor, now, review }: Act & { review: Review },
  { acknowledge, ...id }: VersionId & Acknowledging,
): Promise<SavedVersion> {
  const draft = await getVersion(tx, id);
  if (draft.status !== 'draft') throw new AppError('STATE_CONFLICT', { reason: draft.status });
  const judged = await judgeVersion(tx, id, draft.body);
  assertNoIssues(judged.issues);
  const passed = await passGuard({ tx, review }, proposedVersion(id, 'published', judged.value), acknowledge);
  if (!(await moveVersion(tx, id, { from: 'draft', to: 'published', now }))) throw new AppError('STATE_CONFLICT');
  await audit({ tx, actor, now }, 'published', { ...id, ...passed.audited });
  return { ...withoutBody(await getVersion(tx, id)), warnings: [...judged.warnings, ...passed.warnings] };
}

async function archive({ tx, actor, now }: Act, id: VersionId): Promise<SavedVersion> {
  const { status } = await getVersion(tx, id);
  if (status !== 'published') throw new AppError('STATE_CONFLICT', { reason: status });
  if (!(await moveVersion(tx, id, { from: 'published', to: 'archived', now }))) throw new AppError('STATE_CONFLICT');
  // After the write: a feature that is being moved to this version waits for it, or is seen here.
  const user = (await listFeatureRecords(tx)).find(
    (feature) =>
      feature.featureId === id.featureId &&
      feature.deletedAt === null &&
      (id.kind === 'form' ? feature.formVersion : feature.pipelineVersion) === id.version,
  );
  if (user !== undefined) throw new AppError('STATE_CONFLICT', { reason: `in use by ${user.featureId}` });
  await audit({ tx, actor, now }, 'archived', id);
  return { ...withoutBody(await getVersion(tx, id)), warnings: [] };
}

async function getVersion(db: Db, id: VersionId): Promise<StoredVersion> {
  const found = await findVersion(db, id);
  if (found === undefined) throw new AppError('DEFINITION_NOT_FOUND');
  return found;
}

function audit(
  { tx, actor, now }: Act,
  verb: string,
  { featureId, kind, version, ...more }: VersionId & Passed['audited'],
): Promise<void> {
  const entry = { action: `${kind}.${verb}`, subjectType: kind, subjectId: `${featureId}/${version}` };
  return recordAudit(tx, actor, { ...entry, details: { featureId, version, ...more }, now });
}
