// Generated from the migrations by packages/db/scripts/generate-schema.ts; a test compares it with information_schema.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Read as a value or as text, depending on the server; written as text. */
export type Json = ColumnType<unknown, string, string>;
/** A calendar day: read as a Date at UTC midnight, written as YYYY-MM-DD. */
export type Day = ColumnType<Date, string, string>;

export interface AlertDeliveriesTable {
  alert_id: string;
  target_id: string;
  status: 'waiting' | 'sent' | 'given_up';
  tries: Generated<number>;
  last_error: string | null;
  created_at: Date;
  tried_at: Date | null;
}

export interface AlertTargetsTable {
  id: string;
  name: string;
  format: 'wecom' | 'feishu' | 'json';
  host: string;
  sealed: Buffer;
  key_version: number;
  kinds: Json | null;
  is_enabled: 0 | 1;
  revision: Generated<number>;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
}

export interface AlertsTable {
  id: string;
  kind: string;
  dedup_key: string;
  details: Json;
  created_at: Date;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  note: string | null;
}

export interface ApprovalsTable {
  id: string;
  kind: string;
  subject_type: string;
  subject_id: string;
  payload: Json;
  reason: string;
  requested_by: string;
  status: 'pending' | 'approved' | 'rejected' | 'withdrawn' | 'expired';
  decided_by: string | null;
  decision_reason: string | null;
  created_at: Date;
  expires_at: Date;
  decided_at: Date | null;
}

export interface AssetsTable {
  id: string;
  user_id: string;
  kind: 'upload' | 'result';
  status: 'pending' | 'ready' | 'refused' | 'deleted';
  object_key: string;
  content_type: string;
  bytes: number;
  width: number | null;
  height: number | null;
  sha256: Buffer | null;
  task_id: string | null;
  feature_id: string | null;
  output_name: string | null;
  created_at: Date;
  deleted_at: Date | null;
  label: 'visible' | 'none' | null;
  unlabelled_key: string | null;
  duration_ms: number | null;
}

export interface AuditAnchorsTable {
  n: number;
  block_seq: number;
  line: string;
  made_at: Date;
}

export interface AuditBlocksTable {
  seq: number;
  format: number;
  source: string;
  row_count: number;
  total_rows: number;
  high_id: number;
  ids: Buffer;
  entries: Buffer;
  chain_hash: Buffer;
  sealed_at: Date;
}

export interface AuditLogsTable {
  id: Generated<number>;
  actor_id: string | null;
  actor_role: string;
  action: string;
  subject_type: string;
  subject_id: string;
  details: Json;
  request_id: string;
  created_at: Date;
}

export interface AuditVerificationsTable {
  id: string;
  status: 'waiting' | 'proven' | 'broken';
  requested_by: string | null;
  from_seq: number | null;
  report: Json | null;
  created_at: Date;
  finished_at: Date | null;
  waiting_behind: GeneratedAlways<number | null>;
}

export interface BudgetWeeksTable {
  scope: string;
  week: Day;
  reserved_micro_yuan: Generated<number>;
  spent_micro_yuan: Generated<number>;
  judged_micro_yuan: Generated<number>;
  limit_micro_yuan: Generated<number>;
}

export interface CalendarRunsTable {
  name: string;
  day: Day;
  done_at: Date;
}

export interface CallbackNoncesTable {
  nonce: string;
  seen_at: Date;
}

export interface CampaignAccountsTable {
  campaign_id: string;
  user_id: string;
}

export interface CampaignClaimsTable {
  campaign_id: string;
  user_id: string;
  grant_id: string;
  created_at: Date;
  row_no: Generated<number>;
}

export interface CampaignsTable {
  id: string;
  title: string;
  audience: 'members' | 'level' | 'accounts';
  min_level: number | null;
  delivery: 'claim' | 'push';
  quota: number;
  grant_days: number;
  total_cap: number;
  claimed: Generated<number>;
  starts_at: Date;
  ends_at: Date;
  status: 'open' | 'stopped';
  push_cursor: Generated<string>;
  pushed_at: Date | null;
  created_by: string;
  approval_id: string | null;
  created_at: Date;
  stopped_at: Date | null;
}

export interface CodeBatchesTable {
  id: string;
  title: string;
  quota: number;
  grant_days: number;
  code_count: number;
  uses_per_code: number;
  per_user_limit: number;
  expires_at: Date;
  status: 'ready' | 'issued' | 'disabled';
  created_by: string;
  approval_id: string | null;
  created_at: Date;
  issued_at: Date | null;
  disabled_at: Date | null;
}

export interface CodeUsesTable {
  code_id: number;
  use_no: number;
  batch_id: string;
  user_id: string;
  user_no: number;
  grant_id: string;
  created_at: Date;
  row_no: Generated<number>;
}

export interface CompensationsTable {
  id: string;
  user_id: string;
  amount: number;
  grant_days: number;
  reason: string;
  given_by: string;
  approval_id: string | null;
  grant_id: string;
  created_at: Date;
  row_no: Generated<number>;
}

export interface CostEntriesTable {
  id: Generated<number>;
  kind: 'estimate' | 'settlement' | 'correction';
  item: string;
  vendor: string;
  provider_ref: string | null;
  amount_micro_yuan: number;
  unit_price_id: string | null;
  attempt_id: string | null;
  task_id: string | null;
  feature_id: string | null;
  user_id: string | null;
  order_id: string | null;
  effect_key: string;
  occurred_at: Date;
  posted_at: Date;
}

export interface FapiaoTable {
  id: string;
  order_id: string;
  user_id: string;
  kind: 'personal' | 'company';
  title: string;
  tax_no: string | null;
  amount_fen: number;
  status: 'requested' | 'issuing' | 'issued' | 'red_flushed' | 'rejected';
  fapiao_no: string | null;
  issued_on: Day | null;
  object_key: string | null;
  red_no: string | null;
  red_issued_on: Day | null;
  red_object_key: string | null;
  red_demanded_at: Date | null;
  reject_reason: string | null;
  created_at: Date;
  updated_at: Date;
  is_live: GeneratedAlways<number | null>;
  red_due: GeneratedAlways<number | null>;
}

export interface FapiaoTitlesTable {
  id: string;
  user_id: string;
  kind: 'personal' | 'company';
  name: string;
  tax_no: string | null;
  created_at: Date;
}

export interface FeatureDefinitionsTable {
  feature_id: string;
  title: string;
  description: string;
  icon_url: string | null;
  category: 'image' | 'video' | 'text';
  access_scope: 'plan' | 'whitelist';
  plan_required: number | null;
  allowed_accounts: Json | null;
  is_enabled: Generated<0 | 1>;
  quota_cost: number;
  rate_limit_policy: Json | null;
  form_version: number;
  pipeline_version: number;
  output_type: 'singleImage' | 'multiImage' | 'video' | 'zip' | 'textBundle';
  save_to_asset_library: 0 | 1;
  display_order: number;
  weekly_budget_fen: number | null;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
  expected_outputs: number | null;
  ai_generated: Generated<0 | 1>;
  revision: Generated<number>;
  launch_plan: string | null;
  free_approval_id: string | null;
}

export interface FeatureUsageTable {
  user_id: string;
  feature_id: string;
  seq: number;
  last_at: Date;
}

export interface FormSchemasTable {
  feature_id: string;
  version: number;
  status: 'draft' | 'published' | 'archived';
  body: Json;
  created_at: Date;
  published_at: Date | null;
  updated_at: Date | null;
}

export interface GuardReportsTable {
  id: string;
  verdict: 'PASS' | 'PASS-WITH-WARNING' | 'FAIL' | 'UNJUDGED';
  failures: number;
  warnings: number;
  report: Json;
  duration_ms: number;
  created_at: Date;
}

export interface IdempotencyKeysTable {
  user_id: string;
  scope: string;
  idem_key: string;
  request_hash: Buffer;
  resource_id: string;
  answer: Json | null;
  created_at: Date;
}

export interface LabelConsentsTable {
  id: string;
  user_id: string;
  asset_id: string;
  statement_version: number;
  created_at: Date;
}

export interface MembershipPeriodsTable {
  id: string;
  user_id: string;
  plan_id: string;
  level: number;
  starts_at: Date;
  ends_at: Date;
  order_id: string;
  created_at: Date;
  anchor_at: Date | null;
  anchor_months: number | null;
}

export interface ModerationResultsTable {
  id: string;
  asset_id: string | null;
  task_id: string | null;
  object_key: string;
  sha256: Buffer;
  direction: 'input' | 'output';
  verdict: 'pass' | 'review' | 'block';
  reason: string | null;
  vendor_ref: string | null;
  created_at: Date;
}

export interface MoneyEntriesTable {
  id: Generated<number>;
  kind: 'payment' | 'refund';
  amount_fen: number;
  order_id: string;
  payment_id: string;
  refund_id: string | null;
  user_id: string;
  effect_key: string;
  occurred_at: Date;
  posted_at: Date;
}

export interface NoticesTable {
  id: string;
  user_id: string;
  kind: string;
  dedup_key: string;
  details: Json;
  sms: 'wanted' | 'sending' | 'sent' | 'unknown' | 'skipped' | 'refused' | null;
  created_at: Date;
  read_at: Date | null;
  sms_tries: Generated<number>;
  sms_error: string | null;
  sms_at: Date | null;
}

export interface OrderRefundsTable {
  id: string;
  order_id: string;
  payment_id: string;
  user_id: string;
  out_refund_no: string;
  cause: 'finance' | 'paid_after_close' | 'second_payment' | 'amount_mismatch' | 'found_at_vendor';
  reason: string;
  amount_fen: number;
  clawed_quota: Generated<number>;
  status: 'intended' | 'processing' | 'abnormal' | 'succeeded' | 'closed';
  vendor_refund_id: string | null;
  requested_by: string | null;
  approval_id: string | null;
  created_at: Date;
  updated_at: Date;
  succeeded_at: Date | null;
  billed_on: Day | null;
  due_quota: Generated<number>;
  removed_ms: Generated<number>;
  removed_level: number | null;
  vendor_code: string | null;
  asked_at: Date | null;
  ended_at: Date | null;
  is_open: GeneratedAlways<number | null>;
}

export interface OrdersTable {
  id: string;
  user_id: string;
  out_trade_no: string;
  plan_id: string;
  plan_version: number;
  plan_snapshot: Json;
  amount_fen: number;
  currency: string;
  channel: 'native' | 'jsapi' | 'h5';
  status: 'pending' | 'paid' | 'closed' | 'refunding' | 'refunded' | 'partially_refunded' | 'amount_mismatch' | 'paid_after_close';
  code_url: string | null;
  created_at: Date;
  expires_at: Date;
  paid_at: Date | null;
  closed_at: Date | null;
  updated_at: Date;
  bought_ms: number | null;
  payer: Json | null;
  prepay_id: string | null;
  h5_url: string | null;
  open_plan: GeneratedAlways<string | null>;
}

export interface OutboxTable {
  id: Generated<number>;
  job: string;
  payload: Json;
  dedup_key: string;
  attempts: Generated<number>;
  due_at: Date;
  created_at: Date;
  priority: Generated<number>;
  user_id: string | null;
  failures: Generated<number>;
  last_error: string | null;
  dead_at: Date | null;
  in_flight: Generated<0 | 1>;
}

export interface PaymentTransactionsTable {
  id: string;
  order_id: string;
  mchid: string;
  transaction_id: string;
  source: 'notification' | 'query';
  amount_fen: number;
  currency: string;
  outcome: 'granted' | 'amount_mismatch' | 'paid_after_close' | 'second_payment';
  success_time: Date;
  created_at: Date;
  refunding_fen: Generated<number>;
  billed_on: Day | null;
}

export interface PipelineSchemasTable {
  feature_id: string;
  version: number;
  status: 'draft' | 'published' | 'archived';
  body: Json;
  created_at: Date;
  published_at: Date | null;
  updated_at: Date | null;
}

export interface PlansTable {
  plan_id: string;
  version: number;
  level: number;
  title: string;
  title_en: string;
  price_fen: number;
  quota: number;
  period_days: number | null;
  status: 'draft' | 'published' | 'archived';
  created_at: Date;
  period_months: number | null;
  created_by: string | null;
  published_at: Date | null;
  archived_at: Date | null;
  on_sale: GeneratedAlways<string | null>;
  drafted: GeneratedAlways<string | null>;
}

export interface ProviderEndpointsTable {
  provider_ref: string;
  kind: 'tencent_ci' | 'builtin' | 'runninghub' | 'scf' | 'http';
  base_url: string | null;
  credentials_enc: Buffer | null;
  credentials_key_version: number | null;
  weight: Generated<number>;
  timeout_seconds: number;
  max_concurrency: number;
  unit_cost_micro_yuan: number;
  is_enabled: Generated<0 | 1>;
  created_at: Date;
  settings: Json | null;
  rate_per_minute: number | null;
  revision: Generated<number>;
  updated_at: Date | null;
  deleted_at: Date | null;
}

export interface ProviderHealthTable {
  provider_ref: string;
  status: 'up' | 'degraded' | 'down';
  consecutive_failures: Generated<number>;
  error_rate: Generated<number>;
  latency_ms: Generated<number>;
  probe_after: Date | null;
  last_check_at: Date;
}

export interface QuotaAllocationsTable {
  id: Generated<number>;
  charge_id: string;
  grant_id: string;
  direction: 'spend' | 'return';
  amount: number;
  created_at: Date;
}

export interface QuotaChargesTable {
  id: string;
  user_id: string;
  task_id: string;
  amount: number;
  status: 'held' | 'settled' | 'refunded';
  created_at: Date;
  ended_at: Date | null;
}

export interface QuotaGrantsTable {
  id: string;
  user_id: string;
  source: 'purchase' | 'signup' | 'promotion' | 'compensation';
  amount: number;
  remaining: number;
  expires_at: Date;
  order_id: string | null;
  effect_key: string;
  created_at: Date;
  open_until: GeneratedAlways<Date | null>;
  clawback_due: Generated<number>;
}

export interface QuotaLogsTable {
  id: Generated<number>;
  user_id: string;
  seq: number;
  kind: 'grant' | 'charge' | 'refund' | 'expire' | 'clawback';
  amount: number;
  balance_before: number;
  balance_after: number;
  cause: string;
  effect_key: string;
  grant_id: string | null;
  charge_id: string | null;
  task_id: string | null;
  order_id: string | null;
  created_at: Date;
}

export interface ReconciliationEventsTable {
  id: Generated<number>;
  exception_id: string;
  cause: 'found' | 'healed' | 'found_again' | 'gone' | 'moved' | 'assigned' | 'noted';
  from_state: 'open' | 'investigating' | 'resolved' | 'accepted' | 'reopened' | null;
  to_state: 'open' | 'investigating' | 'resolved' | 'accepted' | 'reopened';
  run_id: string | null;
  actor_id: string | null;
  assigned_to: string | null;
  note: string | null;
  created_at: Date;
}

export interface ReconciliationExceptionsTable {
  id: string;
  kind: string;
  subject: string;
  day: Day;
  run_kind: 'wechat' | 'provider';
  severity: 'critical' | 'error' | 'warning';
  owner: 'finance' | 'operator';
  state: 'open' | 'investigating' | 'resolved' | 'accepted' | 'reopened';
  is_healed: 0 | 1;
  details: Json;
  order_id: string | null;
  assigned_to: string | null;
  first_run_id: string;
  last_run_id: string;
  created_at: Date;
  updated_at: Date;
}

export interface ReconciliationFindingsTable {
  run_id: string;
  exception_id: string;
  is_healed: 0 | 1;
}

export interface ReconciliationRunsTable {
  id: string;
  day: Day;
  kind: 'wechat' | 'provider';
  state: 'queued' | 'running' | 'waiting' | 'done';
  cause: 'schedule' | 'command' | 'request';
  requested_by: string | null;
  bills: Json;
  counts: Json;
  sums: Json;
  found: Generated<number>;
  healed: Generated<number>;
  held_until: Date | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  is_open: GeneratedAlways<number | null>;
}

export interface RedemptionCodesTable {
  id: Generated<number>;
  batch_id: string;
  code_hash: Buffer;
  uses: Generated<number>;
  max_uses: number;
}

export interface ReportMemberEndsTable {
  day: Day;
  user_id: string;
  ends_at: Date;
}

export interface ReportPeriodsTable {
  kind: 'day' | 'month' | 'year';
  period: string;
  body: Json;
  sha256: string;
  last_quota_log_id: number;
  last_money_entry_id: number;
  last_cost_entry_id: number;
  closed_at: Date;
  closed_by: string | null;
}

export interface SessionsTable {
  id: string;
  user_id: string;
  generation: Generated<number>;
  user_agent: string;
  created_at: Date;
  rotated_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  end_reason: 'signed_out' | 'reuse_detected' | 'ended_by_user' | 'role_changed' | 'expired' | null;
}

export interface SettingsTable {
  name: string;
  value: Json;
  revision: Generated<number>;
  updated_by: string | null;
  updated_at: Date;
}

export interface SmsCodesTable {
  id: string;
  phone_index: Buffer;
  code_hash: Buffer;
  status: 'sending' | 'sent' | 'failed' | 'used' | 'replaced' | 'spent';
  tries: Generated<number>;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

export interface SmsLimitsTable {
  phone_index: Buffer;
  last_sent_at: Date;
  day: Day;
  day_count: number;
}

export interface TaskAttemptsTable {
  id: string;
  task_id: string;
  step_index: number;
  attempt_no: number;
  provider_ref: string;
  status: 'started' | 'submitted' | 'succeeded' | 'failed' | 'unknown';
  error_class: 'member_input' | 'our_account' | 'vendor' | 'unknown_outcome' | null;
  error_code: string | null;
  vendor_ref: string | null;
  cost_micro_yuan: number;
  started_at: Date;
  finished_at: Date | null;
  polls: Generated<number>;
  hint_token: Buffer | null;
  result: Json | null;
  settled_cost_micro_yuan: number | null;
}

export interface TaskBatchesTable {
  id: string;
  user_id: string;
  feature_id: string;
  size: number;
  zip_key: string | null;
  zip_made_at: Date | null;
  created_at: Date;
}

export interface TaskEventsTable {
  id: Generated<number>;
  task_id: string;
  status: string;
  percent: number;
  stage: string;
  created_at: Date;
}

export interface TaskStepsTable {
  task_id: string;
  step_index: number;
  name: string;
  type: 'sync_api' | 'async_api' | 'scf';
  status: 'pending' | 'processing' | 'succeeded' | 'failed';
  output: Json | null;
  started_at: Date;
  finished_at: Date | null;
}

export interface TasksTable {
  id: string;
  user_id: string;
  feature_id: string;
  feature_seq: number;
  charge_id: string;
  quota_cost: number;
  form_version: number;
  pipeline_version: number;
  input: Json;
  status: 'pending' | 'processing' | 'succeeded' | 'failed' | 'cancelled';
  percent: Generated<number>;
  stage: string;
  eligible_for_refund: 0 | 1;
  refunded: 0 | 1;
  failure_code: string | null;
  lease_owner: string | null;
  lease_until: Date | null;
  deadline_at: Date;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  open_deadline: GeneratedAlways<Date | null>;
  batch_id: string | null;
  retry_of: string | null;
  reserved_micro_yuan: number | null;
  reserved_in: 'feature' | 'global' | 'both' | null;
}

export interface UnitPricesTable {
  id: string;
  item: string;
  unit: string;
  micro_yuan: number;
  valid_from: Date;
  valid_to: Date | null;
  created_by: string | null;
  created_at: Date;
  open_item: GeneratedAlways<string | null>;
}

export interface UsersTable {
  id: string;
  account_id: string;
  phone_enc: Buffer;
  phone_key_version: number;
  phone_index: Buffer;
  role: Generated<'member' | 'operator' | 'finance' | 'auditor' | 'admin'>;
  quota_remaining: Generated<number>;
  ledger_seq: Generated<number>;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
  low_quota_sms_at: Date | null;
}

export interface VendorAccountEntriesTable {
  id: string;
  account: string;
  kind: 'reading' | 'top_up';
  day: Day | null;
  micro_yuan: number;
  micro_coins: number;
  micro_yuan_per_coin: number | null;
  note: string | null;
  recorded_by: string | null;
  at: Date;
  created_at: Date;
}

export interface Schema {
  alert_deliveries: AlertDeliveriesTable;
  alert_targets: AlertTargetsTable;
  alerts: AlertsTable;
  approvals: ApprovalsTable;
  assets: AssetsTable;
  audit_anchors: AuditAnchorsTable;
  audit_blocks: AuditBlocksTable;
  audit_logs: AuditLogsTable;
  audit_verifications: AuditVerificationsTable;
  budget_weeks: BudgetWeeksTable;
  calendar_runs: CalendarRunsTable;
  callback_nonces: CallbackNoncesTable;
  campaign_accounts: CampaignAccountsTable;
  campaign_claims: CampaignClaimsTable;
  campaigns: CampaignsTable;
  code_batches: CodeBatchesTable;
  code_uses: CodeUsesTable;
  compensations: CompensationsTable;
  cost_entries: CostEntriesTable;
  fapiao: FapiaoTable;
  fapiao_titles: FapiaoTitlesTable;
  feature_definitions: FeatureDefinitionsTable;
  feature_usage: FeatureUsageTable;
  form_schemas: FormSchemasTable;
  guard_reports: GuardReportsTable;
  idempotency_keys: IdempotencyKeysTable;
  label_consents: LabelConsentsTable;
  membership_periods: MembershipPeriodsTable;
  moderation_results: ModerationResultsTable;
  money_entries: MoneyEntriesTable;
  notices: NoticesTable;
  order_refunds: OrderRefundsTable;
  orders: OrdersTable;
  outbox: OutboxTable;
  payment_transactions: PaymentTransactionsTable;
  pipeline_schemas: PipelineSchemasTable;
  plans: PlansTable;
  provider_endpoints: ProviderEndpointsTable;
  provider_health: ProviderHealthTable;
  quota_allocations: QuotaAllocationsTable;
  quota_charges: QuotaChargesTable;
  quota_grants: QuotaGrantsTable;
  quota_logs: QuotaLogsTable;
  reconciliation_events: ReconciliationEventsTable;
  reconciliation_exceptions: ReconciliationExceptionsTable;
  reconciliation_findings: ReconciliationFindingsTable;
  reconciliation_runs: ReconciliationRunsTable;
  redemption_codes: RedemptionCodesTable;
  report_member_ends: ReportMemberEndsTable;
  report_periods: ReportPeriodsTable;
  sessions: SessionsTable;
  settings: SettingsTable;
  sms_codes: SmsCodesTable;
  sms_limits: SmsLimitsTable;
  task_attempts: TaskAttemptsTable;
  task_batches: TaskBatchesTable;
  task_events: TaskEventsTable;
  task_steps: TaskStepsTable;
  tasks: TasksTable;
  unit_prices: UnitPricesTable;
  users: UsersTable;
  vendor_account_entries: VendorAccountEntriesTable;
}
