import type { Verifications } from '@yunshang/audit';
import type {
  Asset,
  AuditEntry,
  AuditVerification,
  Balance,
  BeginUpload,
  Feature,
  FeatureForm,
  ListAudit,
  Membership,
  MemberQuota,
  Plan,
  Role,
  SessionItem,
  Task,
  TaskEvent,
  Tokens,
} from '@yunshang/contracts';
import type {
  Alerts,
  AlertTargets,
  Approvals,
  Budgets,
  Campaigns,
  Codes,
  Compensations,
  Costs,
  Fapiaos,
  Notices,
  Orders,
  PlanVersions,
  Prices,
  QuotaHistory,
  Reconciliation,
  Refunds,
  Reports,
  TopUps,
} from '@yunshang/billing';
import type { Actor } from '@yunshang/db';
import type { Guard } from '@yunshang/guard';
import type { Batches, Callbacks, DeadJobs, Definitions, Hints, ProviderEndpoints } from '@yunshang/pipeline';

/** Somebody who proved who they are. */
export type Caller = { userId: string; sessionId: string; role: Role };

export type Profile = {
  userId: string;
  accountId: string;
  phoneMasked: string;
  role: Role;
  createdAt: string;
  lowQuotaSmsAgreedAt: string | null;
};

type Page<T> = { items: T[]; nextCursor: string | null };

/** Everything the edge may ask of the program: the rooms' use cases, bound to their connections by `wire.ts`. */
export type UseCases = {
  accounts: {
    requestCode(input: { phone: string; ip: string }): Promise<{ expiresInSeconds: number; retryAfterSeconds: number }>;
    signIn(input: { phone: string; code: string; ip: string; userAgent: string; requestId: string }): Promise<Tokens>;
    refresh(input: { refreshToken: string; requestId: string }): Promise<Tokens>;
    authenticate(accessToken: string): Promise<Caller>;
    signOut(caller: Caller, requestId: string): Promise<void>;
    listSessions(caller: Caller): Promise<SessionItem[]>;
    endSession(caller: Caller, sessionId: string, requestId: string): Promise<void>;
    profile(userId: string): Promise<Profile>;
    setLowQuotaSms(actor: Actor, input: { userId: string; agreed: boolean }): Promise<{ agreedAt: string | null }>;
    setRole(actor: Actor, input: { userId: string; role: Role }): Promise<void>;
  };
  approvals: Approvals;
  planVersions: PlanVersions;
  codes: Codes;
  campaigns: Campaigns;
  compensations: Compensations;
  definitions: Definitions;
  guard: Guard;
  providers: ProviderEndpoints;
  jobs: DeadJobs;
  costs: Costs;
  reconciliation: Reconciliation;
  alerts: Alerts;
  notices: Notices;
  alertTargets: AlertTargets;
  prices: Prices;
  topUps: TopUps;
  budgets: Pick<Budgets, 'list' | 'setGlobal'>;
  audit: Pick<Verifications, 'request'> & {
    list(filter: ListAudit): Promise<{ items: AuditEntry[]; nextCursor: number | null }>;
    verifications(): Promise<AuditVerification[]>;
  };
  reports: Reports;
  callbacks: Pick<Callbacks, 'accept'>;
  hints: Hints;
  batches: Batches;
  plans: { list(): Promise<Plan[]>; membershipOf(userId: string): Promise<Membership | null> };
  orders: Omit<Orders, 'reconcile'>;
  fapiao: Fapiaos;
  refunds: Omit<Refunds, 'onApproved'>;
  quota: {
    balance(userId: string): Promise<Balance>;
    history: QuotaHistory['list'];
    export: QuotaHistory['export'];
    ofMember(input: { userId: string; cursor?: number | undefined; limit: number }): Promise<MemberQuota>;
  };
  features: {
    list(userId: string): Promise<Feature[]>;
    form(userId: string, featureId: string): Promise<FeatureForm>;
  };
  uploads: {
    begin(userId: string, input: { contentType: string; sizeBytes: number }): Promise<BeginUpload>;
    complete(userId: string, assetId: string): Promise<Asset>;
  };
  assets: {
    list(userId: string, input: AssetFilter): Promise<Page<Asset>>;
    download(userId: string, assetId: string): Promise<{ url: string; expiresAt: string }>;
    downloadUnlabelled(
      userId: string,
      input: { assetId: string; acceptedStatement?: number | undefined },
    ): Promise<{ url: string; expiresAt: string }>;
    remove(userId: string, assetId: string): Promise<void>;
  };
  tasks: {
    create(input: {
      userId: string;
      requestId: string;
      featureId: string;
      input: Task['input'];
      idempotencyKey: string;
    }): Promise<Task>;
    get(userId: string, taskId: string): Promise<Task>;
    list(userId: string, input: TaskFilter): Promise<Page<Task>>;
    cancel(userId: string, taskId: string): Promise<Task>;
    /** Moves of a task after the given one, oldest first. */
    eventsAfter(
      userId: string,
      taskId: string,
      lastEventId: string | null,
    ): Promise<{ id: string; event: TaskEvent }[]>;
    /** Calls back when a task may have moved; a hint that can get lost. Returns how to stop. */
    onMoved(taskId: string, moved: () => void): () => void;
  };
};

export type TaskFilter = {
  status?: Task['status'] | undefined;
  featureId?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};
export type AssetFilter = {
  kind: Asset['kind'];
  featureId?: string | undefined;
  type?: 'image' | 'video' | 'text' | undefined;
  from?: string | undefined;
  to?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};
