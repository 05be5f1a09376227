import { anchorFolder, type AnchorPlace, parseVerifyingKeys, type VerifyingKeys } from '@yunshang/audit';
import { z } from 'zod';

const environment = z.object({
  DATABASE_URL: z.string().min(1),
  AUDIT_PUBLIC_KEYS: z.string().optional(),
  AUDIT_ANCHOR_DIR: z.string().optional(),
});

export type DoctorConfig = {
  databaseUrl: string;
  /** What anchors are judged by; empty: the chain is proven by itself. */
  keys: VerifyingKeys;
  places: readonly AnchorPlace[];
};

/** What `pnpm doctor` needs from its environment. */
export function readDoctorConfig(): DoctorConfig {
  const parsed = environment.safeParse(process.env);
  if (!parsed.success) throw new Error('set DATABASE_URL to the database to examine, such as mysql://user@host/name');
  const { DATABASE_URL: databaseUrl, AUDIT_PUBLIC_KEYS: keys = '', AUDIT_ANCHOR_DIR: folder = '' } = parsed.data;
  return {
    databaseUrl,
    keys: keys === '' ? new Map() : parseVerifyingKeys(keys),
    places: folder === '' ? [] : [anchorFolder(folder)],
  };
}
