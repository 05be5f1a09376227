import type { AlertKind } from '@yunshang/contracts';
import type { Db } from './database.ts';
import { newId } from './ids.ts';
import { toJson } from './json.ts';

export type Alert = {
  kind: AlertKind;
  /** What it is about and in which period: the same subject is told of once in it. */
  subject: string;
  period: string;
  /** Never a member's text, a phone, a secret or a vendor's answer. */
  details: Readonly<Record<string, string | number>>;
};

/** Tells a person on call, once for each kind, subject and period; with a Tx, if that commits. True when it is news. */
export async function raiseAlert(db: Db, alert: Alert, now: Date): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('alerts')
    .ignore()
    .values({
      id: newId(),
      kind: alert.kind,
      dedup_key: `${alert.kind}:${alert.subject}:${alert.period}`,
      details: toJson(alert.details),
      created_at: now,
    })
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The period of what is told at most once an hour. */
export function hourOf(time: Date): string {
  return time.toISOString().slice(0, 13);
}
