import { z } from 'zod';

/**
 * What is configured, as the rules look at it. Nothing here is refused for its value: that is what rules are for. What is
 * absent is not judged; null says that it is not there.
 */
const judged = z.unknown().optional();
const named = z.string().min(1);
const flag = z.union([z.boolean(), z.literal(0).transform(() => false), z.literal(1).transform(() => true)]);

const limitsSchema = z.looseObject({ maxPerHour: judged, maxPerDay: judged, cooldownSeconds: judged });

export const featureSchema = z.looseObject({
  featureId: named,
  title: z.string().optional(),
  category: z.string().optional(),
  accessScope: z.string().optional(),
  planRequired: judged,
  allowedAccounts: z.array(z.string()).nullish(),
  launchPlan: z.string().nullish(),
  isEnabled: flag.optional(),
  quotaCost: judged,
  rateLimitPolicy: limitsSchema.nullish(),
  formVersion: z.number().optional(),
  pipelineVersion: z.number().optional(),
  outputType: z.string().optional(),
  weeklyBudgetFen: judged,
});
export type Feature = z.infer<typeof featureSchema>;

const stepSchema = z.looseObject({
  name: z.string().optional(),
  type: z.string().optional(),
  endpoint: z.string().optional(),
  scfFunction: z.string().optional(),
  providerCandidates: z.array(z.string()).optional(),
  inputMapping: z.record(z.string(), z.unknown()).optional(),
  outputMapping: z.record(z.string(), z.unknown()).optional(),
  timeoutSeconds: judged,
  retry: z.looseObject({ maxAttempts: judged, delaySeconds: judged }).nullish(),
  polling: z.looseObject({ intervalSeconds: judged, maxAttempts: judged }).nullish(),
  continueOnError: judged,
});
export type Step = z.infer<typeof stepSchema>;
export const pipelineBodySchema = z.looseObject({
  steps: z.array(stepSchema),
  onFailure: z.string().optional(),
  maxExecutionSeconds: judged,
});
export type PipelineBody = z.infer<typeof pipelineBodySchema>;

const validationSchema = z.looseObject({
  maxSize: judged,
  maxCount: judged,
  maxDuration: judged,
  maxLength: judged,
});
export const formBodySchema = z.looseObject({
  fields: z.array(z.looseObject({ key: named, type: z.string(), validation: validationSchema.nullish() })),
});
export type FormBody = z.infer<typeof formBodySchema>;

const versionOf = <T extends z.ZodType>(body: T) =>
  z.looseObject({ featureId: named, version: z.number(), status: z.string().optional(), body });

export const planSchema = z.looseObject({
  planId: named,
  version: z.number().default(1),
  level: z.number().optional(),
  title: z.string().optional(),
  priceFen: judged,
  quota: judged,
  periodDays: judged,
  periodMonths: judged,
  status: z.string().optional(),
});
export type Plan = z.infer<typeof planSchema>;

export const providerSchema = z.looseObject({
  providerRef: named,
  kind: z.string().optional(),
  unitCostMicroYuan: judged,
  isEnabled: flag.optional(),
  /** Of its latest attempts: how many there were, and how many of them succeeded. */
  attempts: z.int().nonnegative().optional(),
  successes: z.int().nonnegative().optional(),
});
export type Provider = z.infer<typeof providerSchema>;

const unitPriceSchema = z.looseObject({
  /** `provider:<ref>`, or `provider:<ref>:<endpoint>`. */
  item: named,
  microYuan: judged,
  validFrom: z.iso.datetime(),
  validTo: z.iso.datetime().nullish(),
});
export type UnitPrice = z.infer<typeof unitPriceSchema>;

const approvalSchema = z.looseObject({
  kind: z.string(),
  /** The feature that it is about. */
  subjectId: named,
  status: z.string(),
  requestedBy: z.string(),
  decidedBy: z.string().nullish(),
  reason: z.string().optional(),
  /** An exception that has ended is none. */
  until: z.iso.datetime().nullish(),
});
export type ApprovalRecord = z.infer<typeof approvalSchema>;

export const configurationSchema = z.looseObject({
  features: z.array(featureSchema).default([]),
  forms: z.array(versionOf(formBodySchema)).default([]),
  pipelines: z.array(versionOf(pipelineBodySchema)).default([]),
  plans: z.array(planSchema).default([]),
  /** The same plans as the program's own settings and as the shop window have them. */
  configuredPlans: z.array(planSchema).default([]),
  shownPlans: z.array(planSchema).default([]),
  /** Absent when nothing is known of them; then nothing is said of steps that name one. */
  providers: z.array(providerSchema).optional(),
  unitPrices: z.array(unitPriceSchema).default([]),
  approvals: z.array(approvalSchema).default([]),
});
export type Configuration = z.infer<typeof configurationSchema>;

/** A whole number that is safe to reckon with, or undefined. */
export function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
