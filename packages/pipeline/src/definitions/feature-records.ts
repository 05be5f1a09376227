import {
  AppError,
  featureDefinitionSchema,
  type FeatureDefinition,
  type FeatureDetail,
  type FeatureRecord,
  type FieldIssue,
  type SavedFeature,
} from '@yunshang/contracts';
import { inTransaction, isDuplicate, recordAudit, type Actor, type Clock, type Db, type Tx } from '@yunshang/db';
import { differences } from './difference.ts';
import {
  definitionWithin,
  deleteFeature,
  findFeatureRecord,
  insertFeature,
  listFeatureRecords,
  updateFeature,
} from './feature-record.store.ts';
import { freeApprovalOf } from './exceptions.ts';
import { passGuard, type Review } from './guard-gate.ts';
import { assertNoIssues, issueAt, parseShape } from './issues.ts';
import { judgeFeature } from './judge-feature.ts';
import { listVersions, withoutBody } from './version.store.ts';

/** Rules of the guard whose warnings whoever saves has read. */
type Acknowledging = { acknowledge?: readonly string[] | undefined };
type Change = Acknowledging & {
  featureId: string;
  revision: number;
  changes: Readonly<Record<string, unknown>>;
};

export type FeatureRecords = {
  /** Every feature, deleted ones too, in display order. */
  listFeatures(): Promise<FeatureRecord[]>;
  /** A feature with all its versions; also while only drafts exist. Throws DEFINITION_NOT_FOUND. */
  getFeature(featureId: string): Promise<FeatureDetail>;
  /**
   * Throws DEFINITION_INVALID, GUARD_REFUSED, GUARD_UNACKNOWLEDGED, and STATE_CONFLICT for an id that was ever used.
   */
  createFeature(actor: Actor, input: Acknowledging & { definition: unknown }): Promise<SavedFeature>;
  /**
   * Changes the fields named, unless the feature has moved on from `revision` (STATE_CONFLICT). A feature that is on afterwards
   * must be able to run. Throws DEFINITION_NOT_FOUND, DEFINITION_INVALID, GUARD_REFUSED, GUARD_UNACKNOWLEDGED.
   */
  updateFeature(actor: Actor, change: Change): Promise<SavedFeature>;
  /** Members no longer see it, tasks go on, the row and its id stay taken. Throws DEFINITION_NOT_FOUND. */
  deleteFeature(actor: Actor, featureId: string): Promise<void>;
};

type Act = { tx: Tx; actor: Actor; now: Date; review: Review };

export function createFeatureRecords({ db, clock, review }: { db: Db; clock: Clock; review: Review }): FeatureRecords {
  const acting = <T>(actor: Actor, work: (act: Act) => Promise<T>): Promise<T> =>
    inTransaction(db, (tx) => work({ tx, actor, now: clock.now(), review }));
  return {
    listFeatures: () => listFeatureRecords(db),
    getFeature: async (featureId) => {
      const feature = (await findFeatureRecord(db, featureId)) ?? null;
      const versions = [
        ...(await listVersions(db, 'form', featureId)),
        ...(await listVersions(db, 'pipeline', featureId)),
      ].map(withoutBody);
      if (feature === null && versions.length === 0) throw new AppError('DEFINITION_NOT_FOUND');
      return { feature, versions };
    },
    createFeature: (actor, { definition, acknowledge }) =>
      acting(actor, (act) => create(act, parseShape(featureDefinitionSchema, definition), acknowledge)).catch(
        (error: unknown) => {
          throw isDuplicate(error)
            ? new AppError('STATE_CONFLICT', { reason: 'the id is taken' }, { cause: error })
            : error;
        },
      ),
    updateFeature: (actor, change) => acting(actor, (act) => update(act, change)),
    deleteFeature: (actor, featureId) =>
      acting(actor, async (act) => {
        if (!(await deleteFeature(act.tx, featureId, act.now))) throw new AppError('DEFINITION_NOT_FOUND');
        await audit(act, 'deleted', featureId, {});
      }),
  };
}

async function create(
  act: Act,
  definition: FeatureDefinition,
  acknowledge: readonly string[] = [],
): Promise<SavedFeature> {
  const { issues, warnings } = await judgeFeature(act.tx, definition);
  assertNoIssues(issues);
  const passed = await passGuard(act, { features: [definition] }, acknowledge);
  const freeApprovalId = await freeApprovalOf(act.tx, definition, act.now);
  await insertFeature(act.tx, { definition, freeApprovalId, now: act.now });
  assertNoIssues((await judgeFeature(act.tx, definition)).issues);
  await audit(act, 'created', definition.featureId, { definition, ...passed.audited });
  return saved(act.tx, definition.featureId, [...warnings, ...passed.warnings]);
}

async function update(act: Act, { featureId, revision, changes, acknowledge }: Change): Promise<SavedFeature> {
  const before = await findFeatureRecord(act.tx, featureId);
  if (before === undefined || before.deletedAt !== null) throw new AppError('DEFINITION_NOT_FOUND');
  if (before.revision !== revision) throw new AppError('STATE_CONFLICT', { reason: `revision is ${before.revision}` });
  const old = definitionWithin(before);
  const definition = parseShape(featureDefinitionSchema, { ...old, ...changes });
  if (definition.featureId !== featureId) assertNoIssues([FROZEN_ID]);
  const { issues, warnings } = await judgeFeature(act.tx, definition);
  assertNoIssues(issues);
  const passed = await passGuard(act, { features: [definition] }, acknowledge);
  const freeApprovalId = await freeApprovalOf(act.tx, definition, act.now);
  const change = { definition, freeApprovalId, revision, now: act.now };
  if (!(await updateFeature(act.tx, change))) throw new AppError('STATE_CONFLICT');
  assertNoIssues((await judgeFeature(act.tx, definition)).issues);
  await audit(act, 'updated', featureId, { changes: differences(old, definition), ...passed.audited });
  return saved(act.tx, featureId, [...warnings, ...passed.warnings]);
}

const FROZEN_ID = issueAt(['featureId'], {
  rule: 'frozen',
  zh: '功能编号不能更改',
  en: 'the id of a feature never changes',
  mend: { zh: '新建一个功能', en: 'create another feature' },
});

async function saved(tx: Tx, featureId: string, warnings: FieldIssue[]): Promise<SavedFeature> {
  const feature = await findFeatureRecord(tx, featureId);
  if (feature === undefined) throw new AppError('DEFINITION_NOT_FOUND');
  return { feature, warnings };
}

function audit(
  { tx, actor, now }: Act,
  verb: string,
  featureId: string,
  details: Record<string, unknown>,
): Promise<void> {
  return recordAudit(tx, actor, {
    action: `feature.${verb}`,
    subjectType: 'feature',
    subjectId: featureId,
    details,
    now,
  });
}
