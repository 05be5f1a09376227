/** A mistake put into our own schema, the server that it is on or the account that uses it, and what must be said of it. */
export type DatabaseMutation = {
  readonly ruleId: string;
  readonly says: string;
  /** In the statement that makes the table; without `find` the table is gone. */
  readonly table?: { readonly name: string; readonly find?: string; readonly replace?: string };
  readonly withoutTrigger?: string;
  readonly setting?: readonly [name: string, value: string];
  readonly grant?: string;
  /** The table, the object or the setting that is named. */
  readonly at: string;
};

export const DATABASE_MUTATIONS: readonly DatabaseMutation[] = [
  { ruleId: 'BG300', says: 'the ledger is gone', table: { name: 'quota_logs' }, at: 'quota_logs' },
  {
    ruleId: 'BG301',
    says: 'a narrower amount',
    table: { name: 'money_entries', find: '`amount_fen` int(11)', replace: '`amount_fen` smallint(6)' },
    at: 'money_entries.amount_fen',
  },
  {
    ruleId: 'BG302',
    says: 'a balance may be less than nothing',
    table: {
      name: 'users',
      find: '  CONSTRAINT `ck_users_quota_not_negative` CHECK (`quota_remaining` >= 0),\n',
      replace: '',
    },
    at: 'users.ck_users_quota_not_negative',
  },
  {
    ruleId: 'BG303',
    says: 'one effect may be written twice',
    table: { name: 'quota_logs', find: 'UNIQUE KEY `uq_quota_logs_effect`', replace: 'KEY `uq_quota_logs_effect`' },
    at: 'quota_logs.uq_quota_logs_effect',
  },
  {
    ruleId: 'BG304',
    says: 'a payment of no order',
    table: {
      name: 'payment_transactions',
      find: '  CONSTRAINT `fk_payment_transactions_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`),\n',
      replace: '',
    },
    at: 'payment_transactions.fk_payment_transactions_order',
  },
  {
    ruleId: 'BG305',
    says: 'the ledger takes an UPDATE',
    withoutTrigger: 'quota_logs_no_update',
    at: 'quota_logs.quota_logs_no_update',
  },
  {
    ruleId: 'BG306',
    says: 'charges without transactions',
    table: { name: 'quota_charges', find: 'ENGINE=InnoDB', replace: 'ENGINE=MyISAM' },
    at: 'quota_charges',
  },
  {
    ruleId: 'BG310',
    says: 'dirty reads',
    setting: ['transaction_isolation', 'READ-UNCOMMITTED'],
    at: 'server.transaction_isolation',
  },
  {
    ruleId: 'BG311',
    says: 'a commit that is not on the disk',
    setting: ['innodb_flush_log_at_trx_commit', '2'],
    at: 'server.innodb_flush_log_at_trx_commit',
  },
  { ruleId: 'BG312', says: 'amounts are cut to fit', setting: ['sql_mode', ''], at: 'server.sql_mode' },
  { ruleId: 'BG313', says: 'times of Shanghai', setting: ['time_zone', '+08:00'], at: 'server.time_zone' },
  {
    ruleId: 'BG320',
    says: 'costs as floats',
    table: { name: 'cost_entries', find: '`amount_micro_yuan` bigint(20)', replace: '`amount_micro_yuan` double' },
    at: 'cost_entries.amount_micro_yuan',
  },
  {
    ruleId: 'BG321',
    says: 'nothing keeps a balance from zero',
    table: {
      name: 'users',
      find: '  CONSTRAINT `ck_users_quota_not_negative` CHECK (`quota_remaining` >= 0),\n',
      replace: '',
    },
    at: 'users.quota_remaining',
  },
  { ruleId: 'BG322', says: 'the audit log takes a DELETE', withoutTrigger: 'audit_logs_no_delete', at: 'audit_logs' },
  {
    ruleId: 'BG323',
    says: 'a payment may be recorded twice',
    table: {
      name: 'payment_transactions',
      find: 'UNIQUE KEY `uq_payment_transactions_vendor`',
      replace: 'KEY `uq_payment_transactions_vendor`',
    },
    at: 'payment_transactions.transaction_id',
  },
  {
    ruleId: 'BG324',
    says: 'numbers of payments without case',
    table: {
      name: 'payment_transactions',
      find: '`transaction_id` varchar(64) CHARACTER SET ascii COLLATE ascii_bin',
      replace: '`transaction_id` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    },
    at: 'payment_transactions.transaction_id',
  },
  {
    ruleId: 'BG330',
    says: 'the program may drop a trigger',
    grant: 'GRANT SELECT, TRIGGER ON `yunshang`.* TO `app`@`%`',
    at: 'server.accounts.app@%',
  },
];
