import { newId, toJson, type Db } from '@yunshang/db';

export type Alert = {
  kind: 'provider_down' | 'provider_account';
  providerRef: string;
  /** Never a member's text, a secret or an answer's body. */
  details: Readonly<Record<string, string | number>>;
};

/** Tells an operator, once an hour for each provider and kind. */
export async function raiseAlert(db: Db, alert: Alert, now: Date): Promise<void> {
  const hour = now.toISOString().slice(0, 13);
  await db
    .insertInto('alerts')
    .ignore()
    .values({
      id: newId(),
      kind: alert.kind,
      dedup_key: `${alert.kind}:${alert.providerRef}:${hour}`,
      details: toJson({ providerRef: alert.providerRef, ...alert.details }),
      created_at: now,
    })
    .execute();
}
