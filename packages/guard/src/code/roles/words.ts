/** Names are one signal among others: what a column is called never decides alone. */
export const MONEY =
  /(?:^|_)(?:quota|quotas|balance|balances|credit|credits|points|coins?|wallet|funds|gems|diamonds|tokens_left|token_balance|allowance|sparks|units_left|yuan_balance)(?:_|$)/;
export const LEFT = /(?:^|_)(?:remaining|remain|left|available)(?:_|$)/;
export const COUNTER =
  /(?:^|_)(?:count|counts|attempts?|retr(?:y|ies)|tries|tried|views|likes|version|seq|sequence|position|priority|stock|inventory|used|usage|polls|failures|score|rank|page|limit|limits|cost|costs|price|level|fee|max|min|rate|order)(?:_|$)/;
export const ACCOUNT =
  /^(?:users?|accounts?|members?|wallets?|profiles?|customers?|balances?|tenants?|organi[sz]ations?|orgs?|teams?|workspaces?|subscribers?|user_(?:credits?|balances?|quotas?|accounts?|wallets?|profiles?)|credit_(?:accounts?|balances?)|(?:quota|credit)_grants?|memberships?|subscriptions?)$/;
export const LEDGER_STRONG =
  /ledger|journal|(?:quota|credit|balance|coin|point|wallet|billing|money|fund|token|usage)s?_(?:logs?|history|histories|transactions?|txns?|records?|entries|entry|movements?|flows?|changes)$|^(?:credit|balance|quota|coin|point)s?(?:log|logs|history)$/;
export const AUDIT = /audit/;
export const LEDGER_WEAK = /_(?:logs?|entries|history|movements?)$/;
export const TASK_TABLE = /(?:^|_)(?:tasks?|jobs?|generations?|renders?|predictions?|gen_tasks?|executions?|runs)$/;
export const MONEY_TABLE =
  /(?:^|_)(?:orders?|payments?|charges?|refunds?|refund_requests|subscriptions?|withdrawals?|invoices?|recharges?|topups?|top_ups?|redemptions?|payouts?)$/;
export const PRICE_TABLE = /feature|plan|product|price|pricing|model|config|setting|package|tier|service|catalog|sku/;
export const MEMBERSHIP =
  /member|subscription|subscribe|\bvip\b|is_?vip|plan_?(?:id|level|expires|expiry|required|type|until)|has_?plan|active_?plan|premium|entitle/i;
export const REFUND =
  /refund|give_?back|return_?quota|return_?credits?|restore_?(?:quota|credits?|balance)|compensat|revert_?(?:quota|charge|credits?)|reverse_?charge|roll_?back_?(?:quota|charge|credits?)|返还|退还|退款/i;
export const CHARGE =
  /^(?:charge|consume|consumption|deduct|deduction|spend|use|usage|debit|task_created|generate|burn|扣减|消费)$/i;
export const FAILED =
  /^(?:failed|fail|failure|error|errored|timeout|timed_out|expired|cancell?ed|aborted|rejected|dead)$/i;
/** What the row of something that is over says from its beginning. */
export const ENDED = /^(?:success|succeeded|successful|completed|complete|done|ok|used|charged|failed|error)$/i;
export const STATUS = /^(?:status|state|phase)$/;
export const ONCE =
  /(?:^|_)(?:status|state|refund|refunded|is_refunded|refunded_at|settled|settled_at|ended_at|returned|returned_at|credited|credited_at|processed|processed_at|paid|paid_at|used_at|consumed|consumed_at|redeemed|redeemed_at|granted|granted_at|version)(?:_|$)/;
export const REFUNDED = /(?:^|_)(?:refunded|is_refunded|refunded_at|refund_status|returned|returned_at)$/;
export const TRANSACTION_ID =
  /(?:^|_)(?:transaction_id|txn_id|trade_no|out_trade_no|payment_id|payment_intent\w*|event_id|external_id|charge_id|session_id|checkout_\w*id|notify_id|pay_order_id|invoice_id)(?:_|$)/;
