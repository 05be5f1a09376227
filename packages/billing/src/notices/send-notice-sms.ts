import { assertNever, type JobPayload } from '@yunshang/contracts';
import { inTransaction, raiseAlert, type Alert, type Clock, type Db, type Tx, shanghaiDay } from '@yunshang/db';
import { bookSms, settleSms } from '../costs/sms-cost.ts';
import { lockUser } from '../quota/ledger.store.ts';
import { LOW_QUOTA } from './low-quota.ts';
import { nextSmsTry, refusalCalls, smsClaimEnds, smsDeadline } from './notice-sms.ts';
import { findReader, findSmsNotice, moveSms, type SmsNotice } from './notice-sms.store.ts';

/** `refused`: no message left, in the vendor's own word. `unknown`: one may have. `no_phone`: there is nobody to send it to. */
export type TextOutcome =
  | { kind: 'sent'; segments: number | undefined }
  | { kind: 'unknown' }
  | { kind: 'no_phone' }
  | { kind: 'refused'; why: string; retryAfterSeconds?: number | undefined };

/** Texts a member. Throws only where no message left. */
export type MemberTexts = { sendLowQuota(userId: string, available: number): Promise<TextOutcome> };

export type SendNoticeSmsDeps = {
  db: Db;
  clock: Clock;
  /** Undefined: texts are switched off, and what waits is not sent. */
  texts: MemberTexts | undefined;
};

type Claimed = { notice: SmsNotice; available: number; texts: MemberTexts };
type Outcome = 'done' | { againAt: Date };

/**
 * Texts a member who agreed what the notice says, once at most: a text is claimed before it leaves, and who finds a claim whose holder is gone
 * lets it be. A crash in between loses the message, never doubles it; the notice in the product is there in any case. What the vendor refuses is
 * tried again until the evening, then given up.
 */
export async function sendNoticeSms(deps: SendNoticeSmsDeps, { noticeId }: JobPayload<'notice.sms'>): Promise<Outcome> {
  const claim = await inTransaction(deps.db, (tx) => claimSms(tx, deps, noticeId));
  if (claim === 'done' || 'againAt' in claim) return claim;
  const { notice, available, texts } = claim;
  let outcome: TextOutcome;
  try {
    outcome = await texts.sendLowQuota(notice.userId, available);
  } catch (error) {
    await endTry(deps, notice, { to: 'wanted', error: 'not_sent', segments: 0 });
    throw error;
  }
  return endWith(deps, notice, outcome);
}

async function claimSms(tx: Tx, { clock, texts }: SendNoticeSmsDeps, noticeId: string): Promise<Claimed | Outcome> {
  const found = await findSmsNotice(tx, noticeId);
  if (found === undefined) return 'done';
  await lockUser(tx, found.userId);
  const notice = (await findSmsNotice(tx, noticeId)) ?? found;
  const now = clock.now();
  const end = async (to: 'unknown' | 'skipped' | 'refused', error: string): Promise<'done'> => {
    await moveSms(tx, notice, { to, tries: notice.tries, error, now });
    return 'done';
  };
  if (notice.sms === 'sending') {
    const againAt = smsClaimEnds(notice.movedAt ?? notice.noticedAt);
    return againAt > now ? { againAt } : end('unknown', 'no_answer');
  }
  if (notice.sms !== 'wanted') return 'done';
  const reader = await findReader(tx, notice.userId);
  if (texts === undefined) return end('skipped', 'switched_off');
  if (!reader.agreed || reader.isDeleted) return end('skipped', 'not_agreed');
  if (reader.available >= LOW_QUOTA) return end('skipped', 'not_low');
  if (now >= smsDeadline(notice.noticedAt)) return end('refused', notice.error ?? 'too_late');
  const tries = notice.tries + 1;
  if (!(await moveSms(tx, notice, { to: 'sending', tries, error: null, now }))) return 'done';
  const claimed = { ...notice, tries };
  await bookSms(tx, messageIdOf(claimed), now);
  return { notice: claimed, available: reader.available, texts };
}

async function endWith(deps: SendNoticeSmsDeps, notice: SmsNotice, outcome: TextOutcome): Promise<Outcome> {
  switch (outcome.kind) {
    case 'sent':
      await endTry(deps, notice, { to: 'sent', error: null, segments: outcome.segments });
      return 'done';
    case 'unknown':
      await endTry(deps, notice, { to: 'unknown', error: 'no_answer', segments: undefined });
      return 'done';
    case 'no_phone':
      await endTry(deps, notice, { to: 'skipped', error: 'no_phone', segments: 0 });
      return 'done';
    case 'refused': {
      const { tries, noticedAt } = notice;
      const wait = { tries, noticedAt, waitSeconds: outcome.retryAfterSeconds };
      const againAt = nextSmsTry(wait, deps.clock.now());
      const to = againAt === undefined ? 'refused' : 'wanted';
      const when = refusalCalls(outcome.why);
      const calls = when === 'at_once' || (when === 'when_given_up' && to === 'refused') ? outcome.why : undefined;
      await endTry(deps, notice, { to, error: outcome.why, segments: 0, calls });
      return againAt === undefined ? 'done' : { againAt };
    }
    default:
      return assertNever(outcome);
  }
}

type Ending = {
  to: 'sent' | 'unknown' | 'wanted' | 'skipped' | 'refused';
  error: string | null;
  /** What the vendor charges for; undefined when it did not say, and then the estimate stands. */
  segments: number | undefined;
  /** The vendor's word that somebody on call is told of. */
  calls?: string | undefined;
};

async function endTry(
  { db, clock }: SendNoticeSmsDeps,
  notice: SmsNotice,
  { to, error, segments, calls }: Ending,
): Promise<void> {
  const now = clock.now();
  await inTransaction(db, async (tx) => {
    const moved = await moveSms(tx, notice, { to, tries: notice.tries, error: error?.slice(0, 80) ?? null, now });
    if (moved && calls !== undefined) await raiseAlert(tx, alertOf(notice, calls, now), now);
  });
  if (segments !== undefined) await settleSms(db, { messageId: messageIdOf(notice), segments, now });
}

/** Once a day for each word: what refuses one text refuses them all. */
function alertOf({ id: noticeId, tries }: SmsNotice, why: string, now: Date): Alert {
  return { kind: 'sms_refused', subject: why, period: shanghaiDay(now), details: { why, noticeId, tries } };
}

/** Each try is a message of its own to the books. */
function messageIdOf({ id, tries }: Pick<SmsNotice, 'id' | 'tries'>): string {
  return `${id}:${tries}`;
}
