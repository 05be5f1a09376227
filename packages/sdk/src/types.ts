import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from './contract.gen.ts';

type In = inferRouterInputs<AppRouter>;
type Out = inferRouterOutputs<AppRouter>;

export type Tokens = Out['auth']['signIn'];
export type CodeRequested = Out['auth']['requestCode'];
export type SessionItem = Out['auth']['sessions']['items'][number];
export type Account = Out['account']['get'];
/** When I agreed; null: I do not. */
export type LowQuotaSms = Out['account']['setLowQuotaSms'];
/** `priceFen` is integer fen, `quota` whole units. */
export type Plan = Out['plans']['list']['items'][number];
/** `amountFen` is integer fen; `codeUrl` is what to show as a QR code while the order is pending. */
export type Order = Out['orders']['get'];
export type Balance = Out['quota']['balance'];
export type History = Out['quota']['history'];
export type LedgerEntry = History['items'][number];
export type Feature = Out['features']['list']['items'][number];
export type FeatureForm = Out['features']['form'];
export type Task = Out['tasks']['get'];
export type TaskPage = Out['tasks']['list'];
export type TaskStatus = Task['status'];
/** One move of a task: `percent` 0–100, `stage` in both languages. */
export type TaskEvent =
  Out['tasks']['watch'] extends AsyncIterable<infer Sent>
    ? Sent extends { data: infer Event }
      ? Event
      : never
    : never;
export type BatchWithTasks = Out['batches']['get'];
export type BatchPage = Out['batches']['list'];
export type Batch = BatchPage['items'][number];
/** How far a batch is: tasks by status, `percent` 0–100. */
export type BatchEvent =
  Out['batches']['watch'] extends AsyncIterable<infer Sent>
    ? Sent extends { data: infer Event }
      ? Event
      : never
    : never;
export type BatchZip = Out['batches']['zip'];
export type CreateBatch = In['batches']['create'];
export type BatchFilter = NonNullable<In['batches']['list']>;
export type Asset = Out['assets']['list']['items'][number];
export type AssetPage = Out['assets']['list'];
export type LabelStatement = Out['assets']['labelStatement'];
export type Download = Out['assets']['download'];
export type UploadType = In['uploads']['begin']['contentType'];
export type BeganUpload = Out['uploads']['begin'];
export type CreateTask = In['tasks']['create'];
export type TaskFilter = NonNullable<In['tasks']['list']>;
export type AssetFilter = NonNullable<In['assets']['list']>;
export type CreateOrder = In['orders']['create'];
export type OrdersPage = NonNullable<In['orders']['list']>;
export type OrderPage = Out['orders']['list'];
export type HistoryPage = NonNullable<In['quota']['history']>;
export type FeatureRecord = Out['definitions']['list']['items'][number];
export type FeatureDetail = Out['definitions']['get'];
/** `warnings` name what is allowed and should still be looked at. */
export type SavedFeature = Out['definitions']['create'];
/** A feature, form or pipeline as JSON: see docs/specs. */
export type DefinitionBody = In['definitions']['create']['definition'];
export type UpdateFeature = In['definitions']['update'];
export type SaveDraft = In['definitions']['saveDraft'];
export type VersionId = In['definitions']['version'];
export type PublishVersion = In['definitions']['publish'];
/** Rules of the billing guard whose warnings were read, such as `BG121`. */
export type Acknowledging = { acknowledge?: string[] | undefined };
export type RequestException = In['definitions']['requestException'];
export type GuardReport = Out['guard']['lastReport'];
export type GuardReportFilter = NonNullable<In['guard']['reports']>;
export type GuardReportPage = Out['guard']['reports'];
export type DraftReview = Out['guard']['reviewDraft'];
export type DefinitionVersion = Out['definitions']['version'];
export type SavedVersion = Out['definitions']['saveDraft'];
export type DefinitionsFile = Out['definitions']['export'];
export type ImportDefinitions = In['definitions']['import'];
export type ImportReport = Out['definitions']['import'];
export type ProviderRecord = Out['providers']['get'];
export type HistoryFilter = NonNullable<In['quota']['export']>;
/** A file: save `text` under `fileName`. */
export type TextFile = Out['quota']['export'];
/** What was just given: `quota` units until `expiresAt`, and all that can be spent now. */
export type Gift = Out['codes']['redeem'];
export type Offer = Out['campaigns']['offers']['items'][number];
export type PlanVersion = Out['plans']['publish'];
export type PlanBody = In['plans']['saveDraft'];
export type PublishPlan = In['plans']['publish'];
export type MovePlan = In['plans']['archive'];
export type CodeBatch = Out['codes']['batch'];
export type CodeBatchPage = Out['codes']['batches'];
export type CodeBatchFilter = NonNullable<In['codes']['batches']>;
export type CreateCodeBatch = In['codes']['createBatch'];
export type CreatedCodeBatch = Out['codes']['createBatch'];
export type IssueCodes = In['codes']['issue'];
export type IssuedCodes = Out['codes']['issue'];
export type DisableCodeBatch = In['codes']['disableBatch'];
export type Campaign = Out['campaigns']['get'];
export type CampaignPage = Out['campaigns']['list'];
export type CampaignFilter = NonNullable<In['campaigns']['list']>;
export type CreateCampaign = In['campaigns']['create'];
export type CreatedCampaign = Out['campaigns']['create'];
export type StopCampaign = In['campaigns']['stop'];
export type MemberQuota = Out['grants']['ofMember'];
export type MemberQuotaFilter = In['grants']['ofMember'];
export type CompensationPage = Out['grants']['compensations'];
export type CompensationFilter = NonNullable<In['grants']['compensations']>;
export type Compensate = In['grants']['compensate'];
export type Compensated = Out['grants']['compensate'];
export type WhichReport = In['reports']['get'];
export type WhichReportFile = In['reports']['file'];
export type ReportFilter = In['reports']['list'];
export type ReportPage = Out['reports']['list'];
export type ReportAnswer = Out['reports']['get'];
export type Report = ReportAnswer['report'];
export type CloseReports = In['reports']['close'];
export type ClosedPeriod = Out['reports']['close']['closed'][number];
export type ReportFile = { name: string; contentType: string; bytes: Uint8Array<ArrayBuffer> };
export type Approval = Out['approvals']['get'];
/** Any member's order, as finance sees it. */
export type SaleRecord = Out['sales']['search']['items'][number];
export type SalePage = Out['sales']['search'];
export type SaleFilter = NonNullable<In['sales']['search']>;
/** With its payments and refunds; all sums are integer fen. */
export type Sale = Out['sales']['get'];
/** `amountFen` is integer fen; `clawedQuota` and `dueQuota` are whole units. */
export type Refund = Out['refunds']['get'];
export type RefundPage = Out['refunds']['list'];
export type RefundFilter = NonNullable<In['refunds']['list']>;
export type RequestRefund = In['refunds']['request'];
/** Either `refund`, which is on its way, or `approval`, which waits for a second person. */
export type RequestedRefund = Out['refunds']['request'];
export type FapiaoTitle = Out['fapiao']['addTitle'];
export type AddFapiaoTitle = In['fapiao']['addTitle'];
/** An invoice of an order; `amountFen` is integer fen. */
export type Fapiao = Out['fapiao']['request'];
export type FapiaoPage = Out['fapiao']['search'];
export type FapiaoPages = NonNullable<In['fapiao']['list']>;
export type FapiaoFilter = NonNullable<In['fapiao']['search']>;
export type RequestFapiao = In['fapiao']['request'];
export type IssueFapiao = In['fapiao']['issue'];
export type RejectFapiao = In['fapiao']['reject'];
export type DeadJobPage = Out['jobs']['dead'];
export type DeadJob = DeadJobPage['items'][number];
export type DiscardJob = In['jobs']['discard'];
export type DeadJobFilter = NonNullable<In['jobs']['dead']>;
export type ApprovalPage = Out['approvals']['list'];
export type ApprovalFilter = NonNullable<In['approvals']['list']>;
export type DecideApproval = In['approvals']['decide'];
export type AuditPage = Out['audit']['list'];
export type AuditFilter = NonNullable<In['audit']['list']>;
export type AuditVerification = Out['audit']['verify'];
export type VerifyAudit = In['audit']['verify'];
export type SavedProvider = Out['providers']['create'];
export type CreateProvider = In['providers']['create'];
export type UpdateProvider = In['providers']['update'];
/** A comparison of a day's bills with the books; sums are integer fen but what says micro-yuan. */
export type ReconciliationRun = Out['reconciliation']['run'];
export type ReconciliationRunPage = Out['reconciliation']['runs'];
export type ReconciliationRunFilter = NonNullable<In['reconciliation']['runs']>;
/** Something that disagreed, of a closed list of kinds. */
export type ReconciliationException = Out['reconciliation']['move'];
export type ReconciliationExceptionDetail = Out['reconciliation']['exception'];
export type ReconciliationExceptionPage = Out['reconciliation']['exceptions'];
export type ReconciliationExceptionFilter = NonNullable<In['reconciliation']['exceptions']>;
export type StartReconciliation = In['reconciliation']['start'];
export type MoveReconciliationException = In['reconciliation']['move'];
export type AssignReconciliationException = In['reconciliation']['assign'];
export type NoteReconciliationException = In['reconciliation']['note'];
/** An entry of the ledger of costs; `amountMicroYuan` is signed. */
export type CostEntry = CostPage['items'][number];
export type CostPage = Out['costs']['list'];
export type CostFilter = NonNullable<In['costs']['list']>;
export type CostPeriod = In['costs']['summary'];
export type CostSummary = Out['costs']['summary'];
export type AskMargin = In['costs']['margin'];
export type Margin = Out['costs']['margin'];
export type Price = Out['prices']['add'];
export type PricePage = Out['prices']['list'];
export type PriceFilter = NonNullable<In['prices']['list']>;
export type RecordTopUp = In['costs']['recordTopUp'];
export type RecordedTopUp = Out['costs']['recordTopUp'];
export type AddPrice = In['prices']['add'];
export type Budgets = Out['budgets']['list'];
export type BudgetWeek = NonNullable<In['budgets']['list']>;
export type SetGlobalBudget = In['budgets']['setGlobal'];
export type GlobalBudget = Out['budgets']['setGlobal'];
/** What somebody on call was told of; `details` name what it is about. */
export type Alert = Out['alerts']['acknowledge'];
export type AlertPage = Out['alerts']['list'];
export type AlertFilter = NonNullable<In['alerts']['list']>;
export type AcknowledgeAlert = In['alerts']['acknowledge'];
export type AlertDelivery = Out['alerts']['deliveries']['items'][number];
export type AlertTarget = Out['alertTargets']['add'];
export type AddAlertTarget = In['alertTargets']['add'];
export type UpdateAlertTarget = In['alertTargets']['update'];
export type TestedTarget = Out['alertTargets']['test'];
export type Notice = NoticePage['items'][number];
export type NoticePage = Out['notices']['list'];
export type NoticeFilter = NonNullable<In['notices']['list']>;

/** Options every method takes last. */
export type CallOptions = {
  /** Ends the call; it then rejects with ABORTED. */
  signal?: AbortSignal;
};
/** Options of what must happen once however often it is sent. */
export type KeyedOptions = CallOptions & {
  /** 8–100 of `A-Z a-z 0-9 _ -`. Made for each call unless given; give your own to repeat a call of another process. */
  idempotencyKey?: string;
};
