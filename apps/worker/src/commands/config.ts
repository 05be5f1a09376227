import { parseKeyRing, type KeyRing } from '@yunshang/accounts';
import { parseSigningKey, parseVerifyingKeys, verifyingKeysOf, type VerifyingKeys } from '@yunshang/audit';
import type { Keep } from '@yunshang/backup';
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

const backupEnvironment = z.object({
  DATABASE_URL: z.url().optional(),
  RESTORE_URL: z.url().optional(),
  BACKUP_KEYS: text,
  BACKUP_DIR: text.optional(),
  BACKUP_BUCKET: text.optional(),
  BACKUP_PREFIX: text.default('backups/'),
  BACKUP_PART_MIB: z.coerce.number().int().min(1).max(1_024).default(32),
  BACKUP_KEEP: z
    .string()
    .regex(/^\d{1,4},\d{1,4},\d{1,4}$/, 'must be three numbers: days,weeks,months')
    .default('7,5,12'),
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

export type BackupCommandConfig = {
  databaseUrl: string | undefined;
  restoreUrl: string | undefined;
  keys: KeyRing;
  /** Exactly one of the two. */
  folder: string | undefined;
  bucket: { cos: CosSettings; prefix: string } | undefined;
  keep: Keep;
};

/** What `pnpm backup` and `pnpm restore` need. */
export function readBackupConfig(env: Environment = process.env): BackupCommandConfig {
  const read = parse(backupEnvironment, env);
  const cos = read.BACKUP_BUCKET === undefined ? undefined : cosOf(env, read.BACKUP_BUCKET);
  if ((read.BACKUP_DIR === undefined) === (cos === undefined))
    throw new Error('set either BACKUP_DIR or BACKUP_BUCKET, where backups are kept');
  const partBytes = read.BACKUP_PART_MIB * 1_024 * 1_024;
  const [daily = 0, weekly = 0, monthly = 0] = read.BACKUP_KEEP.split(',').map(Number);
  return {
    databaseUrl: read.DATABASE_URL,
    restoreUrl: read.RESTORE_URL,
    keys: parseKeyRing('BACKUP_KEYS', read.BACKUP_KEYS),
    folder: read.BACKUP_DIR,
    bucket: cos === undefined ? undefined : { cos: { ...cos, partBytes }, prefix: read.BACKUP_PREFIX },
    keep: { daily, weekly, monthly },
  };
}

/** The same for another database than DATABASE_URL. */
export function readAuditConfigFor(databaseUrl: string): AuditCommandConfig {
  return readAuditConfig({ ...process.env, DATABASE_URL: databaseUrl });
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
