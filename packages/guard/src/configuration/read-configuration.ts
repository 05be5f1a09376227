import type { Bilingual } from '@yunshang/contracts';
import { z } from 'zod';
import {
  configurationSchema,
  featureSchema,
  formBodySchema,
  pipelineBodySchema,
  planSchema,
  type Configuration,
} from './configuration.ts';

/** JSON that is no configuration; says where it stops making sense. */
export class UnreadableConfiguration extends Error {
  override readonly name = 'UnreadableConfiguration';
  readonly reason: Bilingual;
  constructor(reason: Bilingual) {
    super(reason.en);
    this.reason = reason;
  }
}

/**
 * Reads an export of definitions, a whole configuration, a list of features, or a single feature, plan, form or pipeline;
 * with names in camel or snake case, and in the envelope of the API or without. Throws UnreadableConfiguration.
 */
export function readConfiguration(json: unknown): Configuration {
  const data = camelKeys(withoutEnvelope(json));
  const [first, ...others] = partsOf(data).map((part) => configurationSchema.safeParse(part));
  if (first === undefined || others.length > 0 || !first.success) throw unreadable(first?.error);
  const { features, forms, pipelines, plans, providers = [] } = first.data;
  if ([features, forms, pipelines, plans, providers].every((list) => list.length === 0)) throw unreadable();
  return first.data;
}

/** The configuration that a single thing is, or the thing as it is. */
function partsOf(data: unknown): unknown[] {
  if (Array.isArray(data)) return [{ features: data }];
  if (typeof data !== 'object' || data === null) return [];
  if (featureSchema.safeParse(data).success && !('body' in data)) return [{ features: [data] }];
  if (planSchema.safeParse(data).success) return [{ plans: [data] }];
  if (pipelineBodySchema.safeParse(data).success) return [{ pipelines: [alone(data)] }];
  if (formBodySchema.safeParse(data).success) return [{ forms: [alone(data)] }];
  return [data];
}

function alone(body: object) {
  return { featureId: 'given', version: 1, status: 'draft', body };
}

function withoutEnvelope(json: unknown): unknown {
  const envelope = z.object({ success: z.literal(true), data: z.unknown() }).safeParse(json);
  const inner = envelope.success ? envelope.data.data : json;
  const file = z.object({ file: z.object({ format: z.string() }).loose() }).safeParse(inner);
  return file.success ? file.data.file : inner;
}

/** What a mapping holds are names of the feature's own, to be left alone. */
const OPAQUE = new Set(['inputMapping', 'outputMapping', 'settings', 'payload']);

function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const camel =
        ALIASES.get(key) ?? key.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
      return [camel, OPAQUE.has(camel) ? inner : camelKeys(inner)];
    }),
  );
}

const ALIASES = new Map([
  ['max_execution_time', 'maxExecutionSeconds'],
  ['maxExecutionTime', 'maxExecutionSeconds'],
  ['continue_on_failure', 'continueOnError'],
  ['continueOnFailure', 'continueOnError'],
]);

function unreadable(error?: z.ZodError): UnreadableConfiguration {
  const issues = (error?.issues ?? [])
    .slice(0, 5)
    .map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
  const list = issues.length === 0 ? '' : ` (${issues.join('; ')})`;
  return new UnreadableConfiguration({
    zh: `这不是配置：需要功能、表单、流水线、套餐或供应商的 JSON${list}`,
    en: `this is no configuration: JSON of features, forms, pipelines, plans or providers is needed${list}`,
  });
}
