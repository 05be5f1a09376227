import { formSchemaSchema, pipelineSchemaSchema, type FieldIssue, type FormSchema } from '@yunshang/contracts';
import type { Tx } from '@yunshang/db';
import { loadKnownProviders } from './endpoint.store.ts';
import { formIssues } from './form-rules.ts';
import { frozenKeyIssues } from './frozen-keys.ts';
import { readShape } from './issues.ts';
import { pipelineIssues, pipelineWarnings } from './pipeline-rules.ts';
import { listVersions, type StoredVersion, type VersionId } from './version.store.ts';

/** A body judged wholly: what must be mended before it is kept, and what may stay. `value` is the body as it is stored. */
export type Judged = { value: unknown; issues: FieldIssue[]; warnings: FieldIssue[] };

/** Shape first, then every rule; with the providers, forms and published versions there are now. */
export function judgeVersion(tx: Tx, id: VersionId, body: unknown): Promise<Judged> {
  return id.kind === 'form' ? judgeForm(tx, id, body) : judgePipeline(tx, id, body);
}

async function judgeForm(tx: Tx, id: VersionId, body: unknown): Promise<Judged> {
  const read = readShape(formSchemaSchema, body);
  if ('issues' in read) return { value: body, issues: read.issues, warnings: [] };
  const form = read.value;
  const earlier = (await listVersions(tx, 'form', id.featureId))
    .filter(({ version, status }) => status !== 'draft' && version < id.version)
    .map((version) => ({ version: version.version, form: formOf(version) }));
  return {
    value: form,
    issues: [...formIssues(form), ...frozenKeyIssues(form, earlier)],
    warnings: [],
  };
}

async function judgePipeline(tx: Tx, id: VersionId, body: unknown): Promise<Judged> {
  const read = readShape(pipelineSchemaSchema, body);
  if ('issues' in read) return { value: body, issues: read.issues, warnings: [] };
  const pipeline = read.value;
  const providers = await loadKnownProviders(tx);
  const newestForm = (await listVersions(tx, 'form', id.featureId)).at(-1);
  const keys = newestForm === undefined ? undefined : keysOf(formOf(newestForm));
  return {
    value: pipeline,
    issues: pipelineIssues(pipeline, providers),
    warnings: pipelineWarnings(pipeline, providers, keys),
  };
}

/** A stored form; what is stored was judged. */
export function formOf(version: StoredVersion): FormSchema {
  return formSchemaSchema.parse(version.body);
}

export function keysOf(form: FormSchema): Set<string> {
  return new Set(form.fields.map((field) => field.key));
}
