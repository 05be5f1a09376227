import { type AnchorPlace, verifyChain, type VerifyingKeys } from '@yunshang/audit';
import { AUDIT_FINDINGS } from '@yunshang/contracts';
import { type Clock, type Db, openRaw } from '@yunshang/db';
import type { Finding } from './rule.ts';

const mend = {
  zh: '不要修改任何行；先保全现场，再按 docs/operations/audit.md 的步骤处理。',
  en: 'Change no row; keep everything as it is and go by docs/operations/audit.md.',
};

/**
 * I12: the audit chain proves itself and, where keys are given, is the one that was anchored. A row that nobody seals yet is late,
 * and still right.
 */
export async function examineChain(
  { db, databaseUrl, clock }: { db: Db; databaseUrl: string; clock: Clock },
  { keys, places }: { keys: VerifyingKeys; places: readonly AnchorPlace[] },
): Promise<Finding[]> {
  const raw = openRaw(databaseUrl);
  try {
    const report = await verifyChain({ db, raw, clock, keys, places }, { withoutAnchors: keys.size === 0 });
    return report.findings.map(({ kind, where, id, detail }) => ({
      invariant: 'I12',
      rule: kind,
      severity: kind === 'row_not_sealed' ? 'warning' : 'error',
      table: where,
      id,
      detail,
      explanation: AUDIT_FINDINGS[kind],
      mend,
    }));
  } finally {
    await raw.close();
  }
}
