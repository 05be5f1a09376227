import { inTransaction, newId, toJson, type Db } from '@yunshang/db';

/** A member made by rows: a paid order, a period, one grant with its ledger row, a session and a photo that passed its check. */
export type MadeMember = {
  userId: string;
  accountId: string;
  sessionId: string;
  orderId: string;
  grantId: string;
  assetId: string;
};
export type MemberOptions = {
  /** Units of the one grant; 100 when absent. 0 makes no grant. */
  quota?: number;
  /** When the period began; now when absent. */
  startsAt?: Date;
  /** When period and grant end; in 30 days when absent. */
  endsAt?: Date;
  plan?: 'BASIC' | 'PRO' | 'PREMIUM';
};

const DAY_MS = 86_400_000;
const PLANS = {
  BASIC: { level: 1, fen: 9900 },
  PRO: { level: 2, fen: 19_900 },
  PREMIUM: { level: 3, fen: 39_900 },
} as const;

type Made = MadeMember & {
  now: Date;
  startsAt: Date;
  endsAt: Date;
  quota: number;
  plan: keyof typeof PLANS;
  paymentId: string;
};

function planned(options: MemberOptions, now: Date): Made {
  const userId = newId();
  return {
    userId,
    accountId: `T${userId.slice(-12)}`,
    sessionId: newId(),
    orderId: newId(),
    grantId: newId(),
    assetId: newId(),
    now,
    startsAt: options.startsAt ?? now,
    endsAt: options.endsAt ?? new Date(now.getTime() + 30 * DAY_MS),
    quota: options.quota ?? 100,
    plan: options.plan ?? 'BASIC',
    paymentId: newId(),
  };
}

const userRow = (m: Made) => ({
  id: m.userId,
  account_id: m.accountId,
  phone_enc: Buffer.from('made'),
  phone_key_version: 1,
  phone_index: Buffer.from(m.userId.padEnd(32)),
  quota_remaining: m.quota,
  ledger_seq: m.quota > 0 ? 1 : 0,
  created_at: m.now,
  updated_at: m.now,
});

const orderRow = (m: Made) => ({
  id: m.orderId,
  user_id: m.userId,
  out_trade_no: m.orderId,
  plan_id: m.plan,
  plan_version: 1,
  plan_snapshot: toJson({
    planId: m.plan,
    version: 1,
    level: PLANS[m.plan].level,
    title: m.plan,
    titleEn: m.plan,
    priceFen: PLANS[m.plan].fen,
    quota: Math.max(m.quota, 1),
    periodDays: 30,
  }),
  amount_fen: PLANS[m.plan].fen,
  currency: 'CNY',
  channel: 'native' as const,
  status: 'paid' as const,
  created_at: m.startsAt,
  expires_at: m.endsAt,
  paid_at: m.startsAt,
  updated_at: m.now,
});

const paymentRow = (m: Made) => ({
  id: m.paymentId,
  order_id: m.orderId,
  mchid: 'made',
  transaction_id: m.orderId,
  source: 'query' as const,
  amount_fen: PLANS[m.plan].fen,
  currency: 'CNY',
  outcome: 'granted' as const,
  success_time: m.startsAt,
  created_at: m.startsAt,
});

const moneyRow = (m: Made) => ({
  kind: 'payment' as const,
  amount_fen: PLANS[m.plan].fen,
  order_id: m.orderId,
  payment_id: m.paymentId,
  user_id: m.userId,
  effect_key: `payment:${m.paymentId}`,
  occurred_at: m.startsAt,
  posted_at: m.startsAt,
});

const periodRow = (m: Made) => ({
  id: newId(),
  user_id: m.userId,
  plan_id: m.plan,
  level: PLANS[m.plan].level,
  starts_at: m.startsAt,
  ends_at: m.endsAt,
  order_id: m.orderId,
  created_at: m.now,
});

const grantRow = (m: Made) => ({
  id: m.grantId,
  user_id: m.userId,
  source: 'purchase' as const,
  amount: m.quota,
  remaining: m.quota,
  expires_at: m.endsAt,
  order_id: m.orderId,
  effect_key: `order:${m.orderId}`,
  created_at: m.now,
});

const ledgerRow = (m: Made) => ({
  user_id: m.userId,
  seq: 1,
  kind: 'grant' as const,
  amount: m.quota,
  balance_before: 0,
  balance_after: m.quota,
  cause: 'order_paid',
  effect_key: `grant:${m.grantId}`,
  grant_id: m.grantId,
  order_id: m.orderId,
  created_at: m.now,
});

const sessionRow = (m: Made) => ({
  id: m.sessionId,
  user_id: m.userId,
  user_agent: 'made',
  created_at: m.now,
  rotated_at: m.now,
  expires_at: new Date(m.now.getTime() + 30 * DAY_MS),
});

const photoRow = (m: Made) => ({
  id: m.assetId,
  user_id: m.userId,
  kind: 'upload' as const,
  status: 'ready' as const,
  object_key: `u/${m.userId}/uploads/${m.assetId}.jpg`,
  content_type: 'image/jpeg',
  bytes: 100_000,
  width: 768,
  height: 1024,
  sha256: Buffer.alloc(32),
  created_at: m.now,
});

/** `count` members whose rows fit together as a purchase leaves them. The photo's object is not in storage. */
export async function makeMembers(db: Db, count: number, options: MemberOptions = {}): Promise<MadeMember[]> {
  const now = new Date();
  const made = Array.from({ length: count }, () => planned(options, now));
  await inTransaction(db, async (tx) => {
    await tx.insertInto('users').values(made.map(userRow)).execute();
    await tx.insertInto('orders').values(made.map(orderRow)).execute();
    await tx.insertInto('payment_transactions').values(made.map(paymentRow)).execute();
    await tx.insertInto('money_entries').values(made.map(moneyRow)).execute();
    await tx.insertInto('membership_periods').values(made.map(periodRow)).execute();
    const granted = made.filter((member) => member.quota > 0);
    if (granted.length > 0) {
      await tx.insertInto('quota_grants').values(granted.map(grantRow)).execute();
      await tx.insertInto('quota_logs').values(granted.map(ledgerRow)).execute();
    }
    await tx.insertInto('sessions').values(made.map(sessionRow)).execute();
    await tx.insertInto('assets').values(made.map(photoRow)).execute();
  });
  return made;
}

/** One of makeMembers. */
export async function makeMember(db: Db, options: MemberOptions = {}): Promise<MadeMember> {
  const [member] = await makeMembers(db, 1, options);
  if (member === undefined) throw new Error('no member was made');
  return member;
}
