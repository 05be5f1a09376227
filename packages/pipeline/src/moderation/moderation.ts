import { createHash } from 'node:crypto';
import { inTransaction, type Clock, type Db } from '@yunshang/db';
import { bulkhead } from 'cockatiel';
import type { Moderator, Verdict } from './moderator.ts';
import type { TencentImsSettings } from './tencent-ims.gateway.ts';
import { findVerdict, recordCheck, type Subject } from './moderation.store.ts';

export type Moderation = {
  /**
   * Whether this picture may go on. The same bytes are looked at once a month. Throws
   * MODERATION_UNAVAILABLE when nobody could look.
   */
  allows(subject: Subject, picture: { bytes: Buffer; contentType: string }): Promise<boolean>;
};

export type ModerationConfig = { ims: TencentImsSettings; reviewed: ModerationDeps['reviewed'] };

export type ModerationDeps = {
  db: Db;
  clock: Clock;
  moderator: Moderator;
  /** What becomes of a picture the vendor would show to a person first. */
  reviewed: 'accept' | 'refuse';
};

/** The vendor's rules change; a verdict is asked for again after this. */
const REMEMBERED_MS = 30 * 86_400_000;
const CHECKED_AT_ONCE = 8;

export function createModeration({ db, clock, moderator, reviewed }: ModerationDeps): Moderation {
  const gate = bulkhead(CHECKED_AT_ONCE, Number.MAX_SAFE_INTEGER);
  const judge = async (subject: Subject, picture: { bytes: Buffer; contentType: string }): Promise<Verdict> => {
    const sha256 = createHash('sha256').update(picture.bytes).digest();
    const since = new Date(clock.now().getTime() - REMEMBERED_MS);
    const known = await findVerdict(db, { sha256, direction: subject.direction, since });
    // A remembered verdict does not live longer by being used: it is written down, and paid, once.
    if (known !== undefined) return known;
    const dataId = 'assetId' in subject ? subject.assetId : subject.taskId;
    const checked = await gate.execute(() => moderator.check({ ...picture, dataId }));
    await inTransaction(db, (tx) => recordCheck(tx, { subject, sha256, checked, now: clock.now() }));
    return checked.verdict;
  };
  return {
    allows: async (subject, picture) => {
      const { verdict } = await judge(subject, picture);
      return verdict === 'pass' || (verdict === 'review' && reviewed === 'accept');
    },
  };
}
