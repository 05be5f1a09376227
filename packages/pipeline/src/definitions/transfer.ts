import { assertPasses, type Passed } from '@yunshang/billing';
import {
  definitionsFileSchema,
  formSchemaSchema,
  pipelineSchemaSchema,
  type DefinitionKind,
  type DefinitionsFile,
  type FeatureDefinition,
  type FieldIssue,
  type ImportChange,
  type ImportReport,
  type ProviderBody,
} from '@yunshang/contracts';
import { inTransaction, recordAudit, type Actor, type Clock, type Db, type Tx } from '@yunshang/db';
import { differences } from './difference.ts';
import { findEndpointRecord, insertEndpoint, listEndpointRecords, updateEndpoint } from './endpoint.store.ts';
import {
  definitionWithin,
  findFeatureRecord,
  insertFeature,
  listFeatureRecords,
  updateFeature,
} from './feature-record.store.ts';
import { freeApprovalOf } from './exceptions.ts';
import type { Review } from './guard-gate.ts';
import { assertNoIssues, issueAt, issuesWithin, parseShape, type IssueText } from './issues.ts';
import { judgeFeature } from './judge-feature.ts';
import { judgeVersion } from './judge-version.ts';
import { providerIssues, providerWarnings } from './provider-rules.ts';
import {
  bodyOf,
  findVersion,
  insertVersion,
  listVersions,
  moveVersion,
  writeDraft,
  type StoredVersion,
} from './version.store.ts';

export type Transfer = {
  /** Features that are not deleted, all forms and pipelines but those of deleted features, and providers without secrets. */
  exportAll(): Promise<DefinitionsFile>;
  /**
   * Makes everything in the file so, in one transaction: adds what is missing, changes what differs, takes nothing away. With
   * `dryRun` the same is done and undone, so the difference it shows is what would happen. Throws DEFINITION_INVALID with
   * every issue of the whole file, GUARD_REFUSED, GUARD_UNACKNOWLEDGED.
   */
  importAll(
    actor: Actor,
    input: { file: unknown; dryRun: boolean; acknowledge?: readonly string[] | undefined },
  ): Promise<ImportReport>;
};

type Version = DefinitionsFile['forms'][number];
type Work = { tx: Tx; now: Date; changes: ImportChange[]; issues: FieldIssue[]; warnings: FieldIssue[] };

/** Thrown to undo a dry run. */
class Undo extends Error {}

export function createTransfer({ db, clock, review }: { db: Db; clock: Clock; review: Review }): Transfer {
  return {
    exportAll: () => exportAll(db),
    importAll: async (actor, { file, dryRun, acknowledge }) => {
      const given = parseShape(definitionsFileSchema, file);
      let report: ImportReport = { dryRun, changes: [], warnings: [] };
      try {
        await inTransaction(db, async (tx) => {
          // Judged over what there was; said when the file itself is in order.
          const judgement = hasShape(given) ? await review(tx, given) : undefined;
          const { changes, warnings } = await apply(tx, given, clock.now());
          const passed = assertPasses(judgement ?? { failures: [], warnings: [] }, acknowledge);
          report = { dryRun, changes, warnings: [...warnings, ...passed.warnings] };
          if (dryRun) throw new Undo();
          await audit(tx, { actor, changes, passed, now: clock.now() });
        });
      } catch (error) {
        if (!(error instanceof Undo)) throw error;
      }
      return report;
    },
  };
}

/** Whether every body is a form or pipeline at all: what is not is said by applying it. */
function hasShape({ forms, pipelines }: DefinitionsFile): boolean {
  return (
    forms.every(({ body }) => formSchemaSchema.safeParse(body).success) &&
    pipelines.every(({ body }) => pipelineSchemaSchema.safeParse(body).success)
  );
}

async function exportAll(db: Db): Promise<DefinitionsFile> {
  const records = await listFeatureRecords(db);
  const deleted = new Set(records.filter(({ deletedAt }) => deletedAt !== null).map(({ featureId }) => featureId));
  const versions = async (kind: DefinitionKind): Promise<Version[]> =>
    (await listVersions(db, kind))
      .filter(({ featureId }) => !deleted.has(featureId))
      .map((stored) => {
        const { featureId, version, status } = stored;
        return { featureId, version, status, body: bodyOf(stored) };
      });
  return {
    format: 'yunshang-definitions/1',
    providers: (await listEndpointRecords(db)).map(({ body }) => body),
    forms: await versions('form'),
    pipelines: await versions('pipeline'),
    features: records.filter(({ deletedAt }) => deletedAt === null).map(definitionWithin),
  };
}

async function apply(tx: Tx, file: DefinitionsFile, now: Date): Promise<Work> {
  const work: Work = { tx, now, changes: [], issues: [], warnings: [] };
  for (const [index, provider] of file.providers.entries()) await applyProvider(work, provider, ['providers', index]);
  for (const [index, form] of inOrder(file.forms))
    await applyVersion(work, { kind: 'form', ...form }, ['forms', index]);
  for (const [index, pipeline] of inOrder(file.pipelines))
    await applyVersion(work, { kind: 'pipeline', ...pipeline }, ['pipelines', index]);
  // What could not be kept would only be found again in the features that point at it.
  assertNoIssues(work.issues);
  for (const [index, feature] of file.features.entries()) await applyFeature(work, feature, ['features', index]);
  assertNoIssues(work.issues);
  return work;
}

/** With their places in the file, older versions first. */
function inOrder(versions: readonly Version[]): [number, Version][] {
  return [...versions.entries()].toSorted(([, one], [, other]) => one.version - other.version);
}

async function applyProvider(work: Work, body: ProviderBody, path: PropertyKey[]): Promise<void> {
  const { tx, now } = work;
  const issues = issuesWithin(path, providerIssues(body));
  const before = await findEndpointRecord(tx, body.providerRef);
  if (before !== undefined && before.body.kind !== body.kind) issues.push(issueAt([...path, 'kind'], FROZEN));
  work.issues.push(...issues);
  work.warnings.push(...issuesWithin(path, providerWarnings(body, before?.sealed != null)));
  if (issues.length > 0) return;
  const changed = note(work, { what: 'provider', id: body.providerRef, before: before?.body, after: body });
  if (before === undefined) await insertEndpoint(tx, body, { now });
  else if (changed) await updateEndpoint(tx, body, { revision: before.revision, now });
}

async function applyVersion(work: Work, given: Version & { kind: DefinitionKind }, path: PropertyKey[]): Promise<void> {
  const { tx, now } = work;
  const { kind, featureId, version, status } = given;
  const id = { featureId, kind, version };
  const before = await findVersion(tx, id);
  const was = before === undefined ? undefined : { status: before.status, body: before.body };
  if (was !== undefined && differences(was, { status, body: given.body }).length === 0) return;
  const judged = await judgeVersion(tx, id, given.body);
  const issues = [...issuesWithin([...path, 'body'], judged.issues), ...refusedMoves(before, given, path)];
  work.issues.push(...issues);
  work.warnings.push(...issuesWithin([...path, 'body'], judged.warnings));
  if (issues.length > 0) return;
  const after = { status, body: judged.value };
  if (!note(work, { what: kind, id: `${featureId}/${version}`, before: was, after })) return;
  if (before === undefined) return insertVersion(tx, id, { ...after, now });
  if (before.status === 'draft') {
    await writeDraft(tx, id, { body: judged.value, now });
    if (status !== 'draft') await moveVersion(tx, id, { from: 'draft', to: 'published', now });
  }
  if (status === 'archived') await moveVersion(tx, id, { from: 'published', to: 'archived', now });
}

const ORDER = ['draft', 'published', 'archived'] as const;

/** What was published keeps its body, and no version goes back. */
function refusedMoves(before: StoredVersion | undefined, given: Version, path: PropertyKey[]): FieldIssue[] {
  if (before === undefined || before.status === 'draft') return [];
  const isBack = ORDER.indexOf(given.status) < ORDER.indexOf(before.status);
  const isOther = differences(before.body, given.body).length > 0;
  return [
    ...(isBack ? [issueAt([...path, 'status'], { ...FROZEN, en: `the version is ${before.status} already` })] : []),
    ...(isOther ? [issueAt([...path, 'body'], FROZEN)] : []),
  ];
}

const FROZEN: IssueText = {
  rule: 'frozen',
  zh: '已发布的内容不能更改',
  en: 'what was published never changes',
  mend: { zh: '用新的版本号或名称', en: 'give it a new version or name' },
};

async function applyFeature(work: Work, definition: FeatureDefinition, path: PropertyKey[]): Promise<void> {
  const { tx, now } = work;
  const before = await findFeatureRecord(tx, definition.featureId);
  const { issues, warnings } = await judgeFeature(tx, definition);
  const isDeleted = before !== undefined && before.deletedAt !== null;
  const found = [...issuesWithin(path, issues), ...(isDeleted ? [issueAt([...path, 'featureId'], FROZEN)] : [])];
  work.issues.push(...found);
  work.warnings.push(...issuesWithin(path, warnings));
  if (found.length > 0) return;
  const was = before === undefined ? undefined : definitionWithin(before);
  const changed = note(work, { what: 'feature', id: definition.featureId, before: was, after: definition });
  const freeApprovalId = await freeApprovalOf(tx, definition, now);
  // The guard refuses it, in words; the database would refuse the row.
  if (definition.quotaCost === 0 && freeApprovalId === null) return;
  if (before === undefined) await insertFeature(tx, { definition, freeApprovalId, now });
  else if (changed) await updateFeature(tx, { definition, freeApprovalId, revision: before.revision, now });
}

/** Writes down what is to change; false when nothing is. */
function note(
  work: Work,
  { what, id, before, after }: Pick<ImportChange, 'what' | 'id'> & { before: object | undefined; after: object },
): boolean {
  const fields = differences(before ?? {}, after);
  if (before !== undefined && fields.length === 0) return false;
  work.changes.push({ what, id, change: before === undefined ? 'created' : 'changed', fields });
  return true;
}

function audit(
  tx: Tx,
  { actor, changes, passed, now }: { actor: Actor; changes: ImportChange[]; passed: Passed; now: Date },
): Promise<void> {
  const named = changes.map(({ what, id, change }) => `${change} ${what} ${id}`);
  const entry = { action: 'definitions.imported', subjectType: 'definitions', subjectId: 'file' };
  return recordAudit(tx, actor, { ...entry, details: { changes: named, ...passed.audited }, now });
}
