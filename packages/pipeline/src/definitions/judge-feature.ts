import {
  pipelineSchemaSchema,
  type FeatureDefinition,
  type FieldIssue,
  type PipelineSchema,
} from '@yunshang/contracts';
import type { Tx } from '@yunshang/db';
import { loadKnownProviders, lockEndpoints } from './endpoint.store.ts';
import { issueAt } from './issues.ts';
import { formOf, keysOf } from './judge-version.ts';
import { inputKeyIssues, pipelineIssues, pipelineWarnings, type KnownProviders } from './pipeline-rules.ts';
import { findVersion, type StoredVersion } from './version.store.ts';

type Verdict = { issues: FieldIssue[]; warnings: FieldIssue[] };

/**
 * Whether a feature can be as it says: its versions exist and, when it is switched on, are published, fit each other, and every
 * step has a provider that is switched on and can do it. Those providers stay as they are until the transaction ends; a version
 * does once the feature was written, so ask again after writing.
 */
export async function judgeFeature(tx: Tx, feature: FeatureDefinition): Promise<Verdict> {
  const { featureId, formVersion, pipelineVersion } = feature;
  const form = await findVersion(tx, { featureId, kind: 'form', version: formVersion });
  const pipeline = await findVersion(tx, { featureId, kind: 'pipeline', version: pipelineVersion });
  const missing = [
    ...usableIssues(form, 'formVersion', feature.isEnabled),
    ...usableIssues(pipeline, 'pipelineVersion', feature.isEnabled),
  ];
  if (missing.length > 0 || form === undefined || pipeline === undefined || !feature.isEnabled)
    return { issues: missing, warnings: [] };
  const steps = pipelineSchemaSchema.parse(pipeline.body);
  await lockEndpoints(
    tx,
    steps.steps.flatMap(({ providerCandidates }) => providerCandidates),
  );
  const providers = await loadKnownProviders(tx);
  const keys = keysOf(formOf(form));
  const issues = [
    ...pipelineIssues(steps, providers),
    ...inputKeyIssues(steps, keys),
    ...stepsWithoutProvider(steps, providers),
  ];
  return {
    issues: issues.map((issue) => ({ ...issue, field: `pipelineVersion.${issue.field}` })),
    warnings: pipelineWarnings(steps, providers, undefined),
  };
}

function usableIssues(version: StoredVersion | undefined, field: string, isEnabled: boolean): FieldIssue[] {
  if (version === undefined)
    return [
      issueAt([field], {
        rule: 'exists',
        zh: '没有这个版本',
        en: 'there is no such version',
        mend: { zh: '先保存草稿', en: 'save a draft first' },
      }),
    ];
  if (!isEnabled || version.status === 'published') return [];
  return [
    issueAt([field], {
      rule: 'published',
      zh: `启用功能需要已发布的版本，该版本为 ${version.status}`,
      en: `a feature that is on needs a published version; this one is ${version.status}`,
      mend: { zh: '先发布该版本，或选择已发布的版本', en: 'publish it, or choose one that is' },
    }),
  ];
}

function stepsWithoutProvider({ steps }: PipelineSchema, providers: KnownProviders): FieldIssue[] {
  return steps.flatMap(({ providerCandidates }, index) =>
    providerCandidates.some((ref) => providers.get(ref)?.isEnabled === true)
      ? []
      : [
          issueAt(['steps', index, 'providerCandidates'], {
            rule: 'disabled',
            zh: '这一步没有已启用的供应商',
            en: 'no provider of this step is switched on',
            mend: {
              zh: `启用其中之一：${providerCandidates.join('、')}`,
              en: `switch one on: ${providerCandidates.join(', ')}`,
            },
          }),
        ],
  );
}
