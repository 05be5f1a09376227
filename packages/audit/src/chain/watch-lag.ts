import { type Clock, type Db, hourOf, raiseAlert } from '@yunshang/db';
import { auditLagSeconds } from './lag.ts';

/** Sealing comes every second and takes some milliseconds; people are told when it has not come for this long. */
const TOLD_SECONDS = 30;

/** Tells people, once an hour, while rows wait to be sealed. Returns the lag. */
export async function watchAuditLag({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  const now = clock.now();
  const seconds = Math.floor(await auditLagSeconds(db, now));
  if (seconds > TOLD_SECONDS)
    await raiseAlert(db, { kind: 'audit_lag', subject: 'chain', period: hourOf(now), details: { seconds } }, now);
  return seconds;
}
