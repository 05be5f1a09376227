import { z } from 'zod';
import { definitionIssue } from './issue.ts';

export const STEP_TYPES = ['sync_api', 'async_api', 'scf'] as const;
/** Work of Tencent CI that is billed for each of the step's `images`. */
export const BILLED_PER_PICTURE: readonly string[] = ['garment.cutout_all'];
export const ON_FAILURE = ['refund_quota', 'no_refund'] as const;

export const retrySchema = z.strictObject({
  maxAttempts: z.int().min(1).max(10),
  delaySeconds: z.int().min(0).max(600),
  backoff: z.enum(['fixed', 'exponential']),
});
export const pollingSchema = z.strictObject({
  intervalSeconds: z.int().min(1).max(600),
  maxAttempts: z.int().min(1).max(10_000),
  completeStatuses: z.array(z.string()).min(1),
  failedStatuses: z.array(z.string()).min(1),
});
export const providerRefSchema = z.string().regex(/^[a-z][a-z0-9_-]{1,63}$/);
const mappingSchema = z.record(z.string().max(64), z.json());

const stepBase = {
  name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  providerCandidates: z.array(providerRefSchema).min(1).max(10),
  inputMapping: mappingSchema,
  outputMapping: z.record(z.string().max(64), z.string().startsWith('$')),
  timeoutSeconds: z.int().min(1).max(3600),
  retry: retrySchema,
};
export const pipelineStepSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...stepBase, type: z.literal('sync_api'), endpoint: z.string().min(1).max(200) }),
  z.strictObject({
    ...stepBase,
    type: z.literal('async_api'),
    endpoint: z.string().min(1).max(200),
    polling: pollingSchema,
  }),
  z.strictObject({ ...stepBase, type: z.literal('scf'), scfFunction: z.string().min(1).max(100) }),
]);

const MAPPING = /\$\{([^{}]*)\}/g;
const SOURCE =
  /^(input_data\.[a-z][a-zA-Z0-9]*|steps\[(\d+)\]\.output\.[a-zA-Z0-9_]+|task_id|user_id|env\.[A-Z][A-Z0-9_]*)$/;
/** Names of the environment that a mapping may read. */
export const MAPPING_ENV = ['PUBLIC_BASE_URL'] as const;

type MappedText = { text: string; path: (string | number)[] };

/** Every text in a mapping's value, whatever the depth, with its path. */
export function mappedTexts(value: unknown, path: (string | number)[] = []): MappedText[] {
  if (typeof value === 'string') return [{ text: value, path }];
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => mappedTexts(inner, [...path, key]));
}

/** The names between `${` and `}` in a text. */
export function sourcesOf(text: string): string[] {
  return [...text.matchAll(MAPPING)].map((match) => match[1] ?? '');
}

const SOURCES = 'input_data.x, steps[i].output.x, task_id, user_id, env.X';

/** What is wrong with the sources that step `index` reads in one text. */
function mappingIssues({ text, path }: MappedText, index: number) {
  const at = ['steps', index, 'inputMapping', ...path];
  const issues = sourcesOf(text).flatMap((source) => sourceIssue(source, index, at));
  if (!text.replaceAll(MAPPING, '').includes('${')) return issues;
  const open = definitionIssue(
    { input: text, path: at },
    {
      rule: 'source',
      zh: '`${` 没有对应的 `}`，或者嵌套了另一个 `${`',
      en: 'a ${ is not closed by }, or holds another ${',
      mend: { zh: '每个来源写成 ${名称}，不要嵌套', en: 'write each source as ${name}, none inside another' },
    },
  );
  return [...issues, open];
}

function sourceIssue(source: string, index: number, path: (string | number)[]) {
  const match = SOURCE.exec(source);
  const at = { input: source, path };
  if (match === null)
    return definitionIssue(at, {
      rule: 'source',
      zh: `\${${source}} 不是可用的来源`,
      en: `\${${source}} is no source; use input_data.x, steps[i].output.x, task_id, user_id or env.X`,
      mend: { zh: `可用的来源：${SOURCES}`, en: `use one of ${SOURCES}` },
    });
  if (match[2] !== undefined && Number(match[2]) >= index)
    return definitionIssue(at, {
      rule: 'earlier',
      zh: `\${${source}} 只能引用第 ${index} 步之前的步骤`,
      en: `\${${source}} must name an earlier step than ${index}`,
      mend: { zh: '引用前面的步骤，或调整步骤顺序', en: 'name a step before this one, or reorder the steps' },
    });
  if (source.startsWith('env.') && !MAPPING_ENV.some((name) => source === `env.${name}`))
    return definitionIssue(at, {
      rule: 'env',
      zh: `\${${source}} 不在可读取的环境变量之列`,
      en: `\${${source}} is not on the list of readable names`,
      mend: { zh: `可读取：${MAPPING_ENV.join('、')}`, en: `readable: ${MAPPING_ENV.join(', ')}` },
    });
  return [];
}

/** A step list as an operator writes it: see docs/specs/pipeline-schema.md. */
export const pipelineSchemaSchema = z
  .strictObject({
    steps: z.array(pipelineStepSchema).min(1).max(20),
    onFailure: z.enum(ON_FAILURE).default('refund_quota'),
    maxExecutionSeconds: z.int().min(1).max(86_400),
  })
  .check((ctx) => {
    const { steps, maxExecutionSeconds } = ctx.value;
    for (const [i, step] of steps.entries())
      for (const text of mappedTexts(step.inputMapping)) ctx.issues.push(...mappingIssues(text, i));
    const total = steps.reduce((sum, step) => sum + step.timeoutSeconds, 0);
    if (total > maxExecutionSeconds)
      ctx.issues.push(
        definitionIssue(
          { input: total, path: ['maxExecutionSeconds'] },
          {
            rule: 'time',
            zh: `各步骤的超时合计 ${total} 秒，超过了任务的最长时间`,
            en: `the steps may take ${total} s together, which is longer`,
            mend: { zh: `设为 ${total} 以上，或缩短步骤的超时`, en: `set ${total} or more, or shorten the steps` },
          },
        ),
      );
  });
export type PipelineStep = z.infer<typeof pipelineStepSchema>;
export type PipelineSchema = z.infer<typeof pipelineSchemaSchema>;
