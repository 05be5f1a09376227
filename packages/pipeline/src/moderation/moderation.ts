import { createHash } from 'node:crypto';
import { AppError } from '@yunshang/contracts';
import { newId, type Clock, type Db } from '@yunshang/db';
import { bulkhead } from 'cockatiel';
import { NotLooked, type Checked, type Moderator, type Picture, type Verdict } from './moderator.ts';
import type { TencentImsSettings } from './tencent-ims.gateway.ts';
import { beginCheck, findVerdict, recordVerdict, settleUnpaid, type Subject } from './moderation.store.ts';

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
    const id = newId();
    const { verdict } = await gate.execute(() => look({ id, subject }, { ...picture, dataId }));
    await recordVerdict(db, { id, subject, sha256, verdict, now: clock.now() });
    return verdict;
  };
  /** Books the call before it is made; what the vendor says that it does not charge for is settled at nothing. */
  const look = async (check: { id: string; subject: Subject }, picture: Picture): Promise<Checked> => {
    let isAsked = false;
    const begin = async (): Promise<void> => {
      await beginCheck(db, { ...check, now: clock.now() });
      isAsked = true;
    };
    const unpaid = async (): Promise<void> => {
      if (isAsked) await settleUnpaid(db, check.id, clock.now());
    };
    try {
      const checked = await moderator.check(picture, begin);
      if (checked.pictures === 0) await unpaid();
      return checked;
    } catch (error) {
      if (!(error instanceof NotLooked)) throw error;
      if (!error.isCharged) await unpaid();
      throw new AppError('MODERATION_UNAVAILABLE', {}, { cause: error });
    }
  };
  return {
    allows: async (subject, picture) => {
      const { verdict } = await judge(subject, picture);
      return verdict === 'pass' || (verdict === 'review' && reviewed === 'accept');
    },
  };
}
