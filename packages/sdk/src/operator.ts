import { reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import { promotionsOf } from './promotions.ts';
import type * as t from './types.ts';

/** For operators: what members use, as data. Members are refused with FORBIDDEN. */
export type Operator = {
  approvals: {
    /** What takes or took a second person, newest first; `nextCursor` is the next page's `cursor`. */
    list(filter?: t.ApprovalFilter, options?: t.CallOptions): Promise<t.ApprovalPage>;
    /** With `payload`, exactly what will be done. Rejects: APPROVAL_NOT_FOUND. */
    get(approvalId: string, options?: t.CallOptions): Promise<t.Approval>;
    /**
     * Approves, which does it at once, or rejects. Finance and admins. Rejects: APPROVAL_OWN for whoever asked, STATE_CONFLICT when it
     * has ended, APPROVAL_NOT_FOUND, and whatever doing it meets; then nothing is decided.
     */
    decide(input: t.DecideApproval, options?: t.CallOptions): Promise<t.Approval>;
    /** By whoever asked. Rejects: FORBIDDEN, STATE_CONFLICT, APPROVAL_NOT_FOUND. */
    withdraw(approvalId: string, options?: t.CallOptions): Promise<t.Approval>;
  };
  audit: {
    /** Who did what, newest first; `nextCursor` is the next page's `cursor`. Auditors and admins. Rejects: INPUT_INVALID. */
    list(filter?: t.AuditFilter, options?: t.CallOptions): Promise<t.AuditPage>;
    /**
     * Has a worker prove that nothing in the books and the log was changed, removed or put in since it was sealed. Answers at once;
     * see what came of it in `verifications`. Rejects: INPUT_INVALID.
     */
    verify(input?: t.VerifyAudit, options?: t.CallOptions): Promise<t.AuditVerification>;
    /** Proofs, newest first, with the first bad row named where one was found. */
    verifications(options?: t.CallOptions): Promise<t.AuditVerification[]>;
  };
  planVersions: {
    /** Every version of every plan, or of one; the lowest level first and of each plan the newest first. */
    list(planId?: string, options?: t.CallOptions): Promise<t.PlanVersion[]>;
    /** Keeps a plan as its open draft. Finance and admins. Rejects: INPUT_INVALID, STATE_CONFLICT. */
    saveDraft(plan: t.PlanBody, options?: t.CallOptions): Promise<t.PlanVersion>;
    /** Sells a draft from now on, in place of what was sold. Finance and admins. Rejects: GUARD_REFUSED, GUARD_UNACKNOWLEDGED, STATE_CONFLICT, PLAN_NOT_FOUND. */
    publish(input: t.PublishPlan, options?: t.CallOptions): Promise<t.PlanVersion>;
    /** Takes a version off sale for good, or throws a draft away. Finance and admins. Rejects: STATE_CONFLICT, PLAN_NOT_FOUND. */
    archive(input: t.MovePlan, options?: t.CallOptions): Promise<t.PlanVersion>;
  };
  codeBatches: {
    /** Newest first; never the codes. */
    list(page?: t.CodeBatchFilter, options?: t.CallOptions): Promise<t.CodeBatchPage>;
    /** Rejects: CODE_BATCH_NOT_FOUND. */
    get(batchId: string, options?: t.CallOptions): Promise<t.CodeBatch>;
    /** One of the two: `batch`, or the `approval` it waits for where it is large. Rejects: INPUT_INVALID. */
    create(input: t.CreateCodeBatch, options?: t.KeyedOptions): Promise<t.CreatedCodeBatch>;
    /**
     * Makes the codes and shows them, this once: keep them. `replace` when they were lost before anybody redeemed one.
     * Rejects: STATE_CONFLICT, CODE_BATCH_NOT_FOUND.
     */
    issue(input: t.IssueCodes, options?: t.CallOptions): Promise<t.IssuedCodes>;
    /** None of its codes can be redeemed any more. Rejects: STATE_CONFLICT, CODE_BATCH_NOT_FOUND. */
    disable(input: t.DisableCodeBatch, options?: t.CallOptions): Promise<t.CodeBatch>;
  };
  campaigns: {
    /** Newest first. */
    list(page?: t.CampaignFilter, options?: t.CallOptions): Promise<t.CampaignPage>;
    /** Rejects: CAMPAIGN_NOT_FOUND. */
    get(campaignId: string, options?: t.CallOptions): Promise<t.Campaign>;
    /** One of the two: `campaign`, or the `approval` it waits for where it is large. Rejects: INPUT_INVALID. */
    create(input: t.CreateCampaign, options?: t.KeyedOptions): Promise<t.CreatedCampaign>;
    /** For good; who has its quota keeps it. Rejects: STATE_CONFLICT, CAMPAIGN_NOT_FOUND. */
    stop(input: t.StopCampaign, options?: t.CallOptions): Promise<t.Campaign>;
  };
  grants: {
    /** A member's grants and ledger. Finance, auditors, admins. Rejects: USER_NOT_FOUND. */
    ofMember(input: t.MemberQuotaFilter, options?: t.CallOptions): Promise<t.MemberQuota>;
    /** What finance gave members, newest first. Finance, auditors, admins. */
    compensations(filter?: t.CompensationFilter, options?: t.CallOptions): Promise<t.CompensationPage>;
    /**
     * Gives a member quota. One of the two: `compensation`, or the `approval` it waits for where it is much. Finance and admins.
     * Rejects: FORBIDDEN for oneself, USER_NOT_FOUND, STATE_CONFLICT.
     */
    compensate(input: t.Compensate, options?: t.KeyedOptions): Promise<t.Compensated>;
  };
  definitions: {
    /** Every feature, deleted ones too, in display order. */
    list(options?: t.CallOptions): Promise<t.FeatureRecord[]>;
    /** A feature (null while only drafts exist) with the versions of its form and pipeline. Rejects: DEFINITION_NOT_FOUND. */
    get(featureId: string, options?: t.CallOptions): Promise<t.FeatureDetail>;
    /**
     * `acknowledge` names the guard's rules whose warnings were read; every other call that saves takes it too. Rejects:
     * DEFINITION_INVALID, GUARD_REFUSED, GUARD_UNACKNOWLEDGED (details.issues, each with `mend`), STATE_CONFLICT for an id that was
     * ever used.
     */
    create(definition: t.DefinitionBody, options?: t.CallOptions & t.Acknowledging): Promise<t.SavedFeature>;
    /**
     * Changes the fields named, unless the feature has moved on from `revision`. Rejects: STATE_CONFLICT, DEFINITION_INVALID,
     * GUARD_REFUSED, GUARD_UNACKNOWLEDGED, DEFINITION_NOT_FOUND.
     */
    update(input: t.UpdateFeature, options?: t.CallOptions): Promise<t.SavedFeature>;
    /** Takes it from members for good; tasks go on. Rejects: DEFINITION_NOT_FOUND. */
    remove(featureId: string, options?: t.CallOptions): Promise<void>;
    /**
     * Asks a second person to let a feature be free (`free_feature`) or cost more than it brings in (`below_cost`) until a day within a
     * year. Once approved, save the feature. Rejects: INPUT_INVALID.
     */
    requestException(input: t.RequestException, options?: t.CallOptions): Promise<t.Approval>;
    /** Keeps a form or pipeline as the open draft, or as a new version. Rejects: DEFINITION_INVALID, GUARD_REFUSED, GUARD_UNACKNOWLEDGED, STATE_CONFLICT. */
    saveDraft(input: t.SaveDraft, options?: t.CallOptions): Promise<t.SavedVersion>;
    /** One version with its body. Rejects: DEFINITION_NOT_FOUND. */
    version(id: t.VersionId, options?: t.CallOptions): Promise<t.DefinitionVersion>;
    /** A published version never changes. Rejects: DEFINITION_INVALID, STATE_CONFLICT, DEFINITION_NOT_FOUND. */
    publish(id: t.PublishVersion, options?: t.CallOptions): Promise<t.SavedVersion>;
    /** Takes a published version out of use. Rejects: STATE_CONFLICT while a feature points at it, DEFINITION_NOT_FOUND. */
    archive(id: t.VersionId, options?: t.CallOptions): Promise<t.SavedVersion>;
    /** Everything in one file, without secrets. */
    export(options?: t.CallOptions): Promise<t.DefinitionsFile>;
    /** Makes everything as in the file; a dry run only shows the difference. Admins only. Rejects: DEFINITION_INVALID. */
    import(input: t.ImportDefinitions, options?: t.CallOptions): Promise<t.ImportReport>;
  };
  guard: {
    /** What the last review of the installation found. Rejects: GUARD_REPORT_NOT_FOUND before the first. */
    lastReport(options?: t.CallOptions): Promise<t.GuardReport>;
    /** The reviews there were, newest first; `nextCursor` is the next page's `cursor`. */
    reports(filter?: t.GuardReportFilter, options?: t.CallOptions): Promise<t.GuardReportPage>;
    /** Rejects: GUARD_REPORT_NOT_FOUND. */
    report(reportId: string, options?: t.CallOptions): Promise<t.GuardReport>;
    /** What saving definitions would answer; nothing is kept. Rejects: INPUT_INVALID for what is no configuration. */
    reviewDraft(draft: t.DefinitionBody, options?: t.CallOptions): Promise<t.DraftReview>;
  };
  providers: {
    /** With health; credentials masked. */
    list(options?: t.CallOptions): Promise<t.ProviderRecord[]>;
    /** Rejects: PROVIDER_NOT_FOUND. */
    get(providerRef: string, options?: t.CallOptions): Promise<t.ProviderRecord>;
    /** Credentials go in and never come out. Admins only. Rejects: DEFINITION_INVALID, STATE_CONFLICT for a name ever used. */
    create(input: t.CreateProvider, options?: t.CallOptions): Promise<t.SavedProvider>;
    /** Admins only. Rejects: STATE_CONFLICT, DEFINITION_INVALID, PROVIDER_NOT_FOUND. */
    update(input: t.UpdateProvider, options?: t.CallOptions): Promise<t.SavedProvider>;
    /** Admins only. Rejects: STATE_CONFLICT while a feature that is on names it, PROVIDER_NOT_FOUND. */
    remove(providerRef: string, options?: t.CallOptions): Promise<void>;
  };
  jobs: {
    /** Background work that kept failing, newest first; `nextCursor` is the next page's `cursor`. */
    dead(filter?: t.DeadJobFilter, options?: t.CallOptions): Promise<t.DeadJobPage>;
    /** Delivers it again. Rejects: JOB_NOT_FOUND. */
    replay(jobId: number, options?: t.CallOptions): Promise<void>;
    /** Gives it up for good; its task ends and is refunded. Rejects: JOB_NOT_FOUND, STATE_CONFLICT. */
    discard(input: t.DiscardJob, options?: t.CallOptions): Promise<void>;
  };
};

export function operatorOf(connection: Connection): Operator {
  return {
    approvals: approvalsOf(connection),
    audit: auditOf(connection),
    ...promotionsOf(connection),
    definitions: definitionsOf(connection),
    guard: guardOf(connection),
    providers: providersOf(connection),
    jobs: jobsOf(connection),
  };
}

function approvalsOf({ call }: Connection): Operator['approvals'] {
  return {
    list: (filter = {}, options) => call((trpc, o) => trpc.approvals.list.query(filter, o), reading(options)),
    get: (approvalId, options) => call((trpc, o) => trpc.approvals.get.query({ approvalId }, o), reading(options)),
    decide: (input, options) => call((trpc, o) => trpc.approvals.decide.mutate(input, o), writing(options)),
    withdraw: (approvalId, options) =>
      call((trpc, o) => trpc.approvals.withdraw.mutate({ approvalId }, o), writing(options)),
  };
}

function auditOf({ call }: Connection): Operator['audit'] {
  return {
    list: (filter = {}, options) => call((trpc, o) => trpc.audit.list.query(filter, o), reading(options)),
    verify: (input = {}, options) => call((trpc, o) => trpc.audit.verify.mutate(input, o), writing(options)),
    verifications: async (options) =>
      (await call((trpc, o) => trpc.audit.verifications.query(undefined, o), reading(options))).items,
  };
}

function definitionsOf({ call }: Connection): Operator['definitions'] {
  return {
    list: async (options) =>
      (await call((trpc, o) => trpc.definitions.list.query(undefined, o), reading(options))).items,
    get: (featureId, options) => call((trpc, o) => trpc.definitions.get.query({ featureId }, o), reading(options)),
    create: (definition, options) => {
      const input = { definition, acknowledge: options?.acknowledge };
      return call((trpc, o) => trpc.definitions.create.mutate(input, o), writing(options));
    },
    update: (input, options) => call((trpc, o) => trpc.definitions.update.mutate(input, o), writing(options)),
    remove: async (featureId, options) => {
      await call((trpc, o) => trpc.definitions.remove.mutate({ featureId }, o), writing(options));
    },
    requestException: (input, options) =>
      call((trpc, o) => trpc.definitions.requestException.mutate(input, o), writing(options)),
    saveDraft: (input, options) => call((trpc, o) => trpc.definitions.saveDraft.mutate(input, o), writing(options)),
    version: (id, options) => call((trpc, o) => trpc.definitions.version.query(id, o), reading(options)),
    publish: (id, options) => call((trpc, o) => trpc.definitions.publish.mutate(id, o), writing(options)),
    archive: (id, options) => call((trpc, o) => trpc.definitions.archive.mutate(id, o), writing(options)),
    export: (options) => call((trpc, o) => trpc.definitions.export.query(undefined, o), reading(options)),
    import: (input, options) => call((trpc, o) => trpc.definitions.import.mutate(input, o), writing(options)),
  };
}

function guardOf({ call }: Connection): Operator['guard'] {
  return {
    lastReport: (options) => call((trpc, o) => trpc.guard.lastReport.query(undefined, o), reading(options)),
    reports: (filter = {}, options) => call((trpc, o) => trpc.guard.reports.query(filter, o), reading(options)),
    report: (reportId, options) => call((trpc, o) => trpc.guard.report.query({ reportId }, o), reading(options)),
    reviewDraft: (draft, options) => call((trpc, o) => trpc.guard.reviewDraft.mutate({ draft }, o), reading(options)),
  };
}

function providersOf({ call }: Connection): Operator['providers'] {
  return {
    list: async (options) => (await call((trpc, o) => trpc.providers.list.query(undefined, o), reading(options))).items,
    get: (providerRef, options) => call((trpc, o) => trpc.providers.get.query({ providerRef }, o), reading(options)),
    create: (input, options) => call((trpc, o) => trpc.providers.create.mutate(input, o), writing(options)),
    update: (input, options) => call((trpc, o) => trpc.providers.update.mutate(input, o), writing(options)),
    remove: async (providerRef, options) => {
      await call((trpc, o) => trpc.providers.remove.mutate({ providerRef }, o), writing(options));
    },
  };
}

function jobsOf({ call }: Connection): Operator['jobs'] {
  return {
    dead: (filter = {}, options) => call((trpc, o) => trpc.jobs.dead.query(filter, o), reading(options)),
    replay: async (jobId, options) => {
      await call((trpc, o) => trpc.jobs.replay.mutate({ jobId }, o), writing(options));
    },
    discard: async (input, options) => {
      await call((trpc, o) => trpc.jobs.discard.mutate(input, o), writing(options));
    },
  };
}
