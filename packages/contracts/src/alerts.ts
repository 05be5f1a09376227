/** What a person on call is told about. Each kind once per subject and period. */
export const ALERT_KINDS = [
  'provider_down',
  'provider_account',
  'job.dead',
  'amount_mismatch',
  'late_payment',
  'fapiao_red_due',
  'refund_abnormal',
  'budget_80',
  'budget_100',
  'unit_cost_up',
  'heavy_use',
  'low_quota',
  'sms_refused',
  'reconciliation_exception',
  'audit_broken',
  'audit_lag',
  'report_differs',
  'vendor_account_low',
  'guard_failed',
  /** Somebody tries whether a target hears us. */
  'target_test',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
