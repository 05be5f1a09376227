import {
  AppError,
  type Campaign,
  type CampaignBody,
  campaignBodySchema,
  type CreatedCampaign,
  createdCampaignOutput,
  inputInvalid,
} from '@yunshang/contracts';
import { type Actor, type Clock, type Db, newId, promiseJob, recordAudit, type Tx } from '@yunshang/db';
import { type Executor, requestApproval } from '../approvals/approvals.ts';
import { personOf } from '../approvals/person.ts';
import { answerOnce } from '../orders/answer-once.ts';
import { ALONE_MS, type PromotionLimits, takesSecondPerson, worthOfCampaign } from '../promotions/promotion.ts';
import { sumAlone } from '../promotions/promotion.store.ts';
import { lockUser } from '../quota/ledger.store.ts';
import { resolveAccounts } from './audience.store.ts';
import { findCampaign, insertCampaign, type NewCampaign, toCampaign } from './campaign.store.ts';

export type CreateCampaignInput = CampaignBody & { reason: string; idempotencyKey: string };

/**
 * Opens a campaign for its window, or asks for a second person when it, with what the same person has put out within a day, could become more
 * quota than one may give away alone. INPUT_INVALID for a window that is empty or over, and for accounts that are not there.
 */
export async function createCampaign(
  deps: { db: Db; clock: Clock; limits: PromotionLimits },
  actor: Actor,
  { reason, idempotencyKey, ...body }: CreateCampaignInput,
): Promise<CreatedCampaign> {
  const userId = personOf(actor);
  return answerOnce(deps.db, deps.clock, {
    key: { userId, scope: 'campaigns.create', key: idempotencyKey },
    fields: [JSON.stringify(body), reason],
    schema: createdCampaignOutput,
    lockFirst: (tx) => lockUser(tx, userId),
    work: async (tx, now) => {
      assertWindow(body, now);
      const userIds = await accountsOf(tx, body);
      const id = newId();
      const worth = worthOfCampaign(body);
      const already = await sumAlone(tx, userId, new Date(now.getTime() - ALONE_MS));
      if (takesSecondPerson(deps.limits, { worth, already })) {
        const subject = { kind: 'promotion', subjectType: 'campaign', subjectId: id } as const;
        const approval = await requestApproval(tx, actor, { ...subject, payload: body, reason, now });
        return { campaign: null, approval };
      }
      const made = { id, body, userIds, createdBy: userId, approvalId: null, now };
      return { campaign: await make(tx, actor, { ...made, reason }), approval: null };
    },
  });
}

/** What an approved wish for a campaign does. STATE_CONFLICT (`window_over`) when its window has passed meanwhile. */
export function campaignExecutor(clock: Clock): Executor {
  return async (tx, approval, decider) => {
    const body = campaignBodySchema.parse(approval.payload);
    const now = clock.now();
    if (new Date(body.endsAt) <= now) throw new AppError('STATE_CONFLICT', { reason: 'window_over' });
    const userIds = await accountsOf(tx, body);
    const { subjectId: id, requestedBy: createdBy, id: approvalId, reason } = approval;
    await make(tx, decider, { id, body, userIds, createdBy, approvalId, reason, now });
  };
}

async function make(
  tx: Tx,
  actor: Actor,
  { reason, ...campaign }: NewCampaign & { reason: string },
): Promise<Campaign> {
  const { id, body, createdBy, approvalId, now } = campaign;
  await insertCampaign(tx, campaign);
  if (body.delivery === 'push')
    await promiseJob(tx, {
      job: 'campaign.push',
      payload: { campaignId: id },
      dedupKey: `campaign.push:${id}`,
      now,
      dueAt: new Date(body.startsAt),
    });
  await recordAudit(tx, actor, {
    action: 'campaigns.created',
    subjectType: 'campaign',
    subjectId: id,
    details: { ...body, worth: worthOfCampaign(body), createdBy, approvalId, reason },
    now,
  });
  const made = await findCampaign(tx, id);
  if (made === undefined) throw new Error('a campaign that was just made is not there');
  return toCampaign(made, now);
}

function assertWindow(body: CampaignBody, now: Date): void {
  const [startsAt, endsAt] = [new Date(body.startsAt), new Date(body.endsAt)];
  if (endsAt <= startsAt)
    throw inputInvalid('endsAt', 'after_start', { zh: '结束时间须晚于开始时间', en: 'must be later than startsAt' });
  if (endsAt <= now) throw inputInvalid('endsAt', 'future', { zh: '结束时间须在将来', en: 'must be in the future' });
}

/** Each account once, by its user id. */
async function accountsOf(tx: Tx, { audience }: CampaignBody): Promise<string[]> {
  if (audience.kind !== 'accounts') return [];
  const ids = await resolveAccounts(tx, audience.accounts);
  const missing = ids.indexOf(undefined);
  if (missing >= 0)
    throw inputInvalid(`audience.accounts.${missing}`, 'exists', { zh: '没有该账户', en: 'there is no such account' });
  return [...new Set(ids.filter((id) => id !== undefined))];
}
