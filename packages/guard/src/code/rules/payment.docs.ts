import type { RuleDoc } from '../../report/rule-doc.ts';

const GOOD_NOTICE = `import { db } from './db';
import { verifyNotification } from './wechat';

export async function onPaymentNotification(raw: Buffer, headers: Record<string, string>) {
  const notice = verifyNotification(raw, headers);
  await db.transaction().execute(async (tx) => {
    const order = await tx.selectFrom('orders').selectAll().where('no', '=', notice.orderNo).forUpdate().executeTakeFirstOrThrow();
    if (order.status !== 'pending') return;
    if (order.amount_fen !== notice.amountFen) throw new Error('amount differs');
    await tx.updateTable('orders').set({ status: 'paid' }).where('id', '=', order.id).where('status', '=', 'pending').execute();
    await tx
      .updateTable('users')
      .set((eb) => ({ credits: eb('credits', '+', order.credits) }))
      .where('id', '=', order.user_id)
      .execute();
  });
}`;

/** BG240–BG242: payment notifications. */
export const paymentDocs: readonly Omit<RuleDoc, 'area'>[] = [
  {
    id: 'BG240',
    severity: 'FAIL',
    title: { zh: '支付通知没有验证签名', en: 'A payment notification without its signature' },
    why: {
      zh: '任何人都能发一条“已支付”。签名必须用已知公钥对原始报文验证。',
      en: 'Anybody can send "paid". The signature is verified over the raw body with a known key.',
    },
    incidents: [
      'billing-guard-flow.zh: 所有支付操作都要进行签名验证',
      'predecessor: client chooses price and notify URL',
    ],
    mend: { zh: '先验签、解密，再读取内容。', en: 'Verify and decrypt before anything of it is read.' },
    bad: {
      language: 'ts',
      text: GOOD_NOTICE.replace("import { verifyNotification } from './wechat';\n", '').replace(
        'const notice = verifyNotification(raw, headers);',
        "const notice = JSON.parse(raw.toString('utf8'));",
      ),
    },
    good: { language: 'ts', text: GOOD_NOTICE },
  },
  {
    id: 'BG241',
    severity: 'FAIL',
    title: { zh: '没有核对支付金额', en: 'The paid amount is not compared' },
    why: {
      zh: '付一分钱也能换来一个会员。金额、币种、商户号不符时订单进入单独状态，不发放权益。',
      en: 'One fen buys a membership. A payment that is not what was ordered gets a state of its own and grants nothing.',
    },
    incidents: ['new-api#6246', 'predecessor: the client chooses the price'],
    mend: {
      zh: '发放前比较通知金额与订单快照。',
      en: 'Compare the notification’s amount with the order’s snapshot before anything is granted.',
    },
    bad: {
      language: 'ts',
      text: GOOD_NOTICE.replace(
        "    if (order.amount_fen !== notice.amountFen) throw new Error('amount differs');\n",
        '',
      ),
    },
    good: { language: 'ts', text: GOOD_NOTICE },
  },
  {
    id: 'BG242',
    severity: 'FAIL',
    title: { zh: '重复通知会重复入账', en: 'A payment told twice is credited twice' },
    why: {
      zh: '支付平台会重复通知，有时同时到达。只有同一事务里的唯一键、行锁或条件更新能让它只算一次。',
      en: 'Vendors tell the same payment again, sometimes at the same moment. Only a unique key, a row lock or a conditional update in the crediting transaction makes it count once.',
    },
    incidents: ['opencode#28402', 'open-saas#688', 'LibreChat PR#13812', 'suna PR#1597'],
    mend: {
      zh: '在发放的事务里锁定订单并检查状态，或以 (渠道, 交易号) 唯一键插入交易记录。',
      en: 'In the transaction that grants: lock the order and look at its status, or insert the vendor’s transaction id under a unique key.',
    },
    bad: {
      language: 'ts',
      text: `import { db } from './db';
import { verifyNotification } from './wechat';

export async function onPaymentNotification(raw: Buffer, headers: Record<string, string>) {
  const notice = verifyNotification(raw, headers);
  if (notice.amountFen !== 9900) throw new Error('amount differs');
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('users')
      .set((eb) => ({ credits: eb('credits', '+', 100) }))
      .where('id', '=', notice.userId)
      .execute();
  });
}`,
    },
    good: { language: 'ts', text: GOOD_NOTICE },
  },
];
