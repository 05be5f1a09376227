import { z } from 'zod';

export const STEP_TYPES = ['sync_api', 'async_api', 'scf'] as const;
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

const MAPPING = /\$\{([^}]*)\}/g;
const SOURCE =
  /^(input_data\.[a-z][a-zA-Z0-9]*|steps\[(\d+)\]\.output\.[a-zA-Z0-9_]+|task_id|user_id|env\.[A-Z][A-Z0-9_]*)$/;
/** Names of the environment that a mapping may read. */
export const MAPPING_ENV = ['PUBLIC_BASE_URL'] as const;

/** A step list as an operator writes it: see docs/specs/pipeline-schema.md. */
export const pipelineSchemaSchema = z
  .strictObject({
    steps: z.array(pipelineStepSchema).min(1).max(20),
    onFailure: z.enum(ON_FAILURE).default('refund_quota'),
    maxExecutionSeconds: z.int().min(1).max(86_400),
  })
  .check((ctx) => {
    let total = 0;
    for (const [i, step] of ctx.value.steps.entries()) {
      total += step.timeoutSeconds;
      for (const [key, value] of Object.entries(step.inputMapping))
        for (const text of typeof value === 'string' ? value.matchAll(MAPPING) : []) {
          const source = text[1] ?? '';
          const match = SOURCE.exec(source);
          const path = ['steps', i, 'inputMapping', key];
          if (match === null)
            ctx.issues.push({
              code: 'custom',
              input: source,
              path,
              message: `\${${source}} is no source; use input_data.x, steps[i].output.x, task_id, user_id or env.X`,
            });
          else if (match[2] !== undefined && Number(match[2]) >= i)
            ctx.issues.push({
              code: 'custom',
              input: source,
              path,
              message: `\${${source}} must name an earlier step than ${i}`,
            });
          else if (source.startsWith('env.') && !MAPPING_ENV.some((name) => source === `env.${name}`))
            ctx.issues.push({
              code: 'custom',
              input: source,
              path,
              message: `\${${source}} is not on the list of readable names`,
            });
        }
    }
    if (total > ctx.value.maxExecutionSeconds)
      ctx.issues.push({
        code: 'custom',
        input: total,
        path: ['maxExecutionSeconds'],
        message: `the steps may take ${total} s together, which is longer`,
      });
  });
export type PipelineStep = z.infer<typeof pipelineStepSchema>;
export type PipelineSchema = z.infer<typeof pipelineSchemaSchema>;
