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
import { assertNoIssues, issueAt, parseShape } from './issues.ts';
import { judgeFeature } from './judge-feature.ts';
import { listVersions, withoutBody } from './version.store.ts';

type Change = { featureId: string; revision: number; changes: Readonly<Record<string, unknown>> };

export type FeatureRecords = {
  /** Every feature, deleted ones too, in display order. */
  listFeatures(): Promise<FeatureRecord[]>;
  /** A feature with all its versions; also while only drafts exist. Throws DEFINITION_NOT_FOUND. */
  getFeature(featureId: string): Promise<FeatureDetail>;
  /** Throws DEFINITION_INVALID, and STATE_CONFLICT for an id that was ever used. */
  createFeature(actor: Actor, definition: unknown): Promise<SavedFeature>;
  /**
   * Changes the fields named, unless the feature has moved on from `revision` (STATE_CONFLICT). A feature that is on afterwards
   * must be able to run. Throws DEFINITION_NOT_FOUND, DEFINITION_INVALID.
   */
  updateFeature(actor: Actor, change: Change): Promise<SavedFeature>;
  /** Members no longer see it, tasks go on, the row and its id stay taken. Throws DEFINITION_NOT_FOUND. */
  deleteFeature(actor: Actor, featureId: string): Promise<void>;
};

type Act = { tx: Tx; actor: Actor; now: Date };

export function createFeatureRecords({ db, clock }: { db: Db; clock: Clock }): FeatureRecords {
  const acting = <T>(actor: Actor, work: (act: Act) => Promise<T>): Promise<T> =>
    inTransaction(db, (tx) => work({ tx, actor, now: clock.now() }));
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
    createFeature: (actor, definition) =>
      acting(actor, (act) => create(act, parseShape(featureDefinitionSchema, definition))).catch((error: unknown) => {
        throw isDuplicate(error)
          ? new AppError('STATE_CONFLICT', { reason: 'the id is taken' }, { cause: error })
          : error;
      }),
    updateFeature: (actor, change) => acting(actor, (act) => update(act, change)),
    deleteFeature: (actor, featureId) =>
      acting(actor, async (act) => {
        if (!(await deleteFeature(act.tx, featureId, act.now))) throw new AppError('DEFINITION_NOT_FOUND');
        await audit(act, 'deleted', featureId, {});
      }),
  };
}

async function create(act: Act, definition: FeatureDefinition): Promise<SavedFeature> {
  const { issues, warnings } = await judgeFeature(act.tx, definition);
  assertNoIssues(issues);
  await insertFeature(act.tx, definition, act.now);
  assertNoIssues((await judgeFeature(act.tx, definition)).issues);
  await audit(act, 'created', definition.featureId, { definition });
  return saved(act.tx, definition.featureId, warnings);
}

async function update(act: Act, { featureId, revision, changes }: Change): Promise<SavedFeature> {
  const before = await findFeatureRecord(act.tx, featureId);
  if (before === undefined || before.deletedAt !== null) throw new AppError('DEFINITION_NOT_FOUND');
  if (before.revision !== revision) throw new AppError('STATE_CONFLICT', { reason: `revision is ${before.revision}` });
  const old = definitionWithin(before);
  const definition = parseShape(featureDefinitionSchema, { ...old, ...changes });
  if (definition.featureId !== featureId) assertNoIssues([FROZEN_ID]);
  const { issues, warnings } = await judgeFeature(act.tx, definition);
  assertNoIssues(issues);
  if (!(await updateFeature(act.tx, { definition, revision, now: act.now }))) throw new AppError('STATE_CONFLICT');
  assertNoIssues((await judgeFeature(act.tx, definition)).issues);
  await audit(act, 'updated', featureId, { changes: differences(old, definition) });
  return saved(act.tx, featureId, warnings);
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
