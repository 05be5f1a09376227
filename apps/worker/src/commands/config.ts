import { parseSigningKey, parseVerifyingKeys, verifyingKeysOf, type VerifyingKeys } from '@yunshang/audit';
import type { CosSettings } from '@yunshang/pipeline';
import { z } from 'zod';

const text = z.string().min(1);

const cosEnvironment = z.object({
  TENCENT_SECRET_ID: text,
  TENCENT_SECRET_KEY: text,
  COS_BUCKET: text,
  COS_REGION: text,
  COS_DOMAIN: text.optional(),
  COS_PROTOCOL: z.enum(['http:', 'https:']).optional(),
});

const auditEnvironment = z.object({
  DATABASE_URL: z.url(),
  AUDIT_SIGNING_KEY: text.optional(),
  AUDIT_FORMER_KEYS: text.optional(),
  AUDIT_PUBLIC_KEYS: text.optional(),
  AUDIT_ANCHOR_DIR: text.optional(),
  AUDIT_ANCHOR_BUCKET: text.optional(),
  AUDIT_ANCHOR_PREFIX: text.default('audit/anchors/'),
});

/** Storage answers within this; a command can wait a little longer than a job. */
const STORAGE_TIMEOUT_MS = 60_000;

export type Environment = Readonly<Record<string, string | undefined>>;

export type AuditCommandConfig = {
  databaseUrl: string;
  /** Empty: anchors can not be judged. */
  keys: VerifyingKeys;
  anchorDir: string | undefined;
  /** Undefined: the bucket is not asked. */
  bucket: { cos: CosSettings; prefix: string } | undefined;
};

/**
 * What `pnpm audit` needs. It asks for little, so that an auditor can run it elsewhere: an account that may read, the public keys, and
 * whatever of the anchors' places is to be compared.
 */
export function readAuditConfig(env: Environment = process.env): AuditCommandConfig {
  const read = parse(auditEnvironment, env);
  const cos = cosOf(env, read.AUDIT_ANCHOR_BUCKET);
  return {
    databaseUrl: read.DATABASE_URL,
    keys: named('AUDIT_PUBLIC_KEYS or AUDIT_SIGNING_KEY', () => keysOf(read)),
    anchorDir: read.AUDIT_ANCHOR_DIR,
    bucket: cos === undefined ? undefined : { cos, prefix: read.AUDIT_ANCHOR_PREFIX },
  };
}

function keysOf(read: z.infer<typeof auditEnvironment>): VerifyingKeys {
  const former = [read.AUDIT_FORMER_KEYS, read.AUDIT_PUBLIC_KEYS].filter((keys) => keys !== undefined);
  const known = new Map(former.flatMap((keys) => [...parseVerifyingKeys(keys)]));
  return read.AUDIT_SIGNING_KEY === undefined ? known : verifyingKeysOf(parseSigningKey(read.AUDIT_SIGNING_KEY), known);
}

/** Undefined when storage is not named at all. */
function cosOf(env: Environment, bucket: string | undefined): CosSettings | undefined {
  if (env['COS_BUCKET'] === undefined && bucket === undefined) return undefined;
  const read = parse(cosEnvironment, bucket === undefined ? env : { ...env, COS_BUCKET: bucket });
  return {
    secretId: read.TENCENT_SECRET_ID,
    secretKey: read.TENCENT_SECRET_KEY,
    bucket: read.COS_BUCKET,
    region: read.COS_REGION,
    timeoutMs: STORAGE_TIMEOUT_MS,
    ...(read.COS_DOMAIN === undefined ? {} : { domain: read.COS_DOMAIN }),
    ...(read.COS_PROTOCOL === undefined ? {} : { protocol: read.COS_PROTOCOL }),
  };
}

/** An empty variable counts as absent. The message never repeats a value. */
function parse<T>(schema: z.ZodType<T>, env: Environment): T {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `${name} ${given[name] === undefined ? 'is missing' : message}`;
  });
  throw new Error([...new Set(lines)].join('; '));
}

function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : 'can not be read'}`, { cause: error });
  }
}
