import { z } from 'zod';

const name = z.string().regex(/^[A-Za-z]\w{0,63}$/);
const host = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a host name in lower case');
const vendorId = z.string().regex(/^\d{1,20}$/, 'must be digits, as text');

/** One value of a workflow: a fixed one, or an entry of the step's input (a file is uploaded first). */
const nodeSchema = z.strictObject({
  nodeId: z.string().min(1).max(40),
  fieldName: z.string().min(1).max(80),
  from: name.optional(),
  value: z.union([z.string().max(4_000), z.number(), z.boolean()]).optional(),
  /** What the vendor calls a value of ours: `{female: '1'}`. */
  words: z.record(z.string(), z.string()).optional(),
});
const outputSchema = z.strictObject({
  /** Read by the step's outputMapping as `$.name`. */
  name,
  kind: z.enum(['image', 'video', 'text']),
  /** A list of all such files instead of the first. */
  many: z.boolean().default(false),
  /** Only what these nodes made. */
  nodeIds: z.array(z.string()).optional(),
});
const workflowSchema = z
  .strictObject({
    workflowId: vendorId.optional(),
    webappId: vendorId.optional(),
    nodes: z.array(nodeSchema).max(100),
    outputs: z.array(outputSchema).min(1).max(20),
    instanceType: z.enum(['default', 'plus']).optional(),
  })
  .refine((w) => (w.workflowId === undefined) !== (w.webappId === undefined), {
    message: 'name either workflowId or webappId',
  })
  .refine((w) => w.nodes.every((node) => (node.from === undefined) !== (node.value === undefined)), {
    message: 'each node takes either from or value',
  });
export type Workflow = z.infer<typeof workflowSchema>;

/** RunningHub: a workflow or AI app for each endpoint a step may name. */
export const runningHubSettingsSchema = z.strictObject({
  workflows: z.record(z.string().max(200), workflowSchema),
  resultHosts: z
    .array(host)
    .max(20)
    .default(['rh-images.xiaoyaoyou.com', 'rh-images-1252422369.cos.ap-beijing.myqcloud.com']),
  /** 1/1,000,000 yuan; 0 for keys that pay in money. */
  microYuanPerCoin: z.int().min(0).max(1_000_000_000).default(0),
  /** Somebody is told when the account has less than both: 1/1,000,000 yuan, and coins. */
  lowMicroYuan: z.int().min(0).max(1_000_000_000_000).default(50_000_000),
  lowCoins: z.int().min(0).max(1_000_000_000).default(5_000),
  /** A submission whose answer was lost keeps the others from being asked for this long. */
  unknownWaitSeconds: z.int().min(1).max(3_600).default(300),
});
export type RunningHubSettings = z.infer<typeof runningHubSettingsSchema>;

const functionSchema = z.strictObject({
  /** The deployed name, where it is not the step's scfFunction. */
  functionName: z.string().min(1).max(60).optional(),
  /** Files the function makes: it gets one address to PUT each to. */
  outputs: z
    .array(z.strictObject({ name, contentType: z.string().regex(/^[a-z]+\/[a-z\d.+-]+(; charset=utf-8)?$/) }))
    .min(1)
    .max(20),
});
/** SCF: the functions a step may name. */
export const scfSettingsSchema = z.strictObject({
  namespace: z.string().min(1).max(60).default('default'),
  qualifier: z.string().min(1).max(60).optional(),
  functions: z.record(z.string().max(100), functionSchema),
  /** An invocation whose answer was lost is waited for this long. */
  unknownWaitSeconds: z.int().min(1).max(900).default(60),
  /** 1/1,000,000 yuan for each second a function worked. */
  microYuanPerSecond: z.int().min(0).max(1_000_000).default(0),
});
export type ScfSettings = z.infer<typeof scfSettingsSchema>;

const httpFileSchema = z.strictObject({
  name,
  kind: z.enum(['image', 'video', 'text']),
  /** Where the answer holds it: a link, or the bytes in base64. */
  path: z.string().startsWith('$'),
  encoding: z.enum(['url', 'base64']).default('url'),
  many: z.boolean().default(false),
});
/** Any vendor that takes JSON by POST and answers JSON at once. */
export const httpSettingsSchema = z.strictObject({
  /** Path below the base URL for each endpoint a step may name. */
  endpoints: z.record(
    z.string().max(200),
    z.strictObject({
      path: z.string().regex(/^\/[\w\-./]*$/),
      files: z.array(httpFileSchema).max(20).default([]),
      maxAnswerBytes: z.int().min(1).max(64_000_000).default(1_000_000),
    }),
  ),
  /** `{apiKey}` stands for the credential of that name. */
  headers: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/), z.string().max(500)).default({}),
  resultHosts: z.array(host).max(20).default([]),
  /** Answers 2xx to a GET while the vendor is well, and costs nothing. */
  probePath: z
    .string()
    .regex(/^\/[\w\-./]*$/)
    .optional(),
});
export type HttpSettings = z.infer<typeof httpSettingsSchema>;

/** What `settings` must be for each kind; null stands for none. */
export const providerSettingsSchemas = {
  tencent_ci: z.null(),
  builtin: z.null(),
  runninghub: runningHubSettingsSchema,
  scf: scfSettingsSchema,
  http: httpSettingsSchema,
} as const;

const secret = z.string().min(1).max(2_000);
/** What `credentials` must be for each kind; null where the process's own keys are used. */
export const providerCredentialsSchemas = {
  tencent_ci: z.null(),
  builtin: z.null(),
  runninghub: z.strictObject({ apiKey: z.string().regex(/^[\w-]{16,128}$/) }),
  scf: z.strictObject({ secretId: secret, secretKey: secret }).nullable(),
  http: z.record(name, secret).nullable(),
} as const;
