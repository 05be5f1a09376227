import { ago, id, insert, MEMBERS, type Owner } from './full-rows.ts';

/** The ledgers of money and costs, refunds, and what waited for a second person. */
export function money(owner: Owner): string[] {
  const posted = ago('n HOUR');
  return [
    insert('approvals', MEMBERS, {
      id: id('n'),
      kind: "'order_refund'",
      subject_type: "'order'",
      subject_id: id('n'),
      payload: "'{}'",
      reason: "'filled'",
      requested_by: owner(50),
      status: "'approved'",
      decided_by: id('n % 4000 + 1000'),
      created_at: posted,
      expires_at: ago('n MINUTE'),
      decided_at: posted,
    }),
    insert('order_refunds', MEMBERS, {
      id: id('n'),
      order_id: id('n'),
      payment_id: id('n'),
      user_id: owner(50),
      out_refund_no: id('n'),
      cause: "'finance'",
      reason: "'filled'",
      amount_fen: '9900',
      status: "'succeeded'",
      created_at: posted,
      updated_at: posted,
      succeeded_at: posted,
    }),
    insert('money_entries', MEMBERS, {
      kind: "'payment'",
      amount_fen: '9900',
      order_id: id('n'),
      payment_id: id('n'),
      user_id: owner(50),
      effect_key: "CONCAT('payment:', n)",
      occurred_at: posted,
      posted_at: posted,
    }),
    insert('unit_prices', MEMBERS, {
      id: id('n'),
      item: "CONCAT('item-', n % 50)",
      unit: "'call'",
      micro_yuan: '30000',
      valid_from: ago('n DAY'),
      valid_to: ago('n - 1 DAY'),
      created_at: ago('n DAY'),
    }),
    insert('cost_entries', MEMBERS, {
      kind: "'estimate'",
      item: "CONCAT('item-', n % 50)",
      vendor: "'tencent_ci'",
      provider_ref: "'tencent-ci'",
      amount_micro_yuan: '30000',
      attempt_id: id('n'),
      task_id: id('n'),
      feature_id: "'basic_clean'",
      user_id: owner(50),
      effect_key: "CONCAT('cost:', n)",
      occurred_at: posted,
      posted_at: posted,
    }),
  ];
}
