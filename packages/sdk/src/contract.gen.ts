// Made by scripts/gen-contract.ts from the server's router and the error catalogue. Do not edit.
import type { TRPCBuiltRouter, TRPCDecorateCreateRouterOptions, TRPCMutationProcedure, TRPCQueryProcedure, TRPCSubscriptionProcedure } from '@trpc/server';
import type { TrackedData } from '@trpc/server/unstable-core-do-not-import';
import type { ErrorShape, JsonValue } from './wire-types.ts';

/** Every code the API answers; docs/errors has a page for each. */
export type ApiErrorCode =
  | 'INPUT_INVALID'
  | 'FORM_INVALID'
  | 'IMAGE_REFUSED'
  | 'DEFINITION_INVALID'
  | 'GUARD_REFUSED'
  | 'GUARD_UNACKNOWLEDGED'
  | 'GUARD_REPORT_NOT_FOUND'
  | 'CONTENT_REFUSED'
  | 'IDEMPOTENCY_KEY_REQUIRED'
  | 'SMS_CODE_INVALID'
  | 'UNAUTHENTICATED'
  | 'TOKEN_EXPIRED'
  | 'SESSION_ENDED'
  | 'NOTIFICATION_REFUSED'
  | 'CALLBACK_REFUSED'
  | 'QUOTA_INSUFFICIENT'
  | 'FORBIDDEN'
  | 'MEMBERSHIP_REQUIRED'
  | 'PLAN_LEVEL_TOO_LOW'
  | 'FEATURE_NOT_ALLOWED'
  | 'CONSENT_REQUIRED'
  | 'ROUTE_NOT_FOUND'
  | 'PLAN_NOT_FOUND'
  | 'FEATURE_NOT_FOUND'
  | 'APPROVAL_NOT_FOUND'
  | 'ALERT_NOT_FOUND'
  | 'ALERT_TARGET_NOT_FOUND'
  | 'REFUND_NOT_FOUND'
  | 'FAPIAO_NOT_FOUND'
  | 'FAPIAO_TITLE_NOT_FOUND'
  | 'RECONCILIATION_NOT_FOUND'
  | 'ORDER_NOT_FOUND'
  | 'TASK_NOT_FOUND'
  | 'ASSET_NOT_FOUND'
  | 'SESSION_NOT_FOUND'
  | 'USER_NOT_FOUND'
  | 'BATCH_NOT_FOUND'
  | 'DEFINITION_NOT_FOUND'
  | 'PROVIDER_NOT_FOUND'
  | 'JOB_NOT_FOUND'
  | 'APPROVAL_OWN'
  | 'REFUND_EXCEEDS_PAYMENT'
  | 'METHOD_NOT_ALLOWED'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'IDEMPOTENCY_IN_FLIGHT'
  | 'STATE_CONFLICT'
  | 'UPLOAD_MISSING'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'RATE_LIMITED'
  | 'SMS_TOO_FREQUENT'
  | 'FEATURE_RATE_LIMITED'
  | 'FEATURE_COOLDOWN'
  | 'BUDGET_EXCEEDED'
  | 'MODERATION_UNAVAILABLE'
  | 'PROVIDERS_DOWN'
  | 'PAYMENT_UNAVAILABLE'
  | 'STORAGE_UNAVAILABLE'
  | 'SMS_UNAVAILABLE'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL'
  | 'CODE_NOT_VALID'
  | 'CODE_BATCH_NOT_FOUND'
  | 'CODE_REDEEMED'
  | 'CODE_EXPIRED'
  | 'CODE_USED_UP'
  | 'CODE_LIMIT_REACHED'
  | 'CAMPAIGN_NOT_FOUND'
  | 'CAMPAIGN_NOT_ALLOWED'
  | 'CAMPAIGN_NOT_OPEN'
  | 'CAMPAIGN_FULL'
  | 'CAMPAIGN_CLAIMED'
  | 'IMAGE_NOT_CUT_OUT'
  | 'OUTPUT_REFUSED'
  | 'INCOMPLETE_RESULT'
  | 'INPUT_GONE'
  | 'PROVIDER_FAILED'
  | 'TASK_TIMED_OUT';

declare const appRouter: TRPCBuiltRouter<{
    ctx: object;
    meta: object;
    errorShape: ErrorShape;
    transformer: false;
}, TRPCDecorateCreateRouterOptions<{
    auth: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        requestCode: TRPCMutationProcedure<{
            input: {
                phone: string;
            };
            output: {
                expiresInSeconds: number;
                retryAfterSeconds: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        signIn: TRPCMutationProcedure<{
            input: {
                phone: string;
                code: string;
            };
            output: {
                accessToken: string;
                expiresInSeconds: number;
                refreshToken: string;
                userId: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        refresh: TRPCMutationProcedure<{
            input: {
                refreshToken: string;
            };
            output: {
                accessToken: string;
                expiresInSeconds: number;
                refreshToken: string;
                userId: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        signOut: TRPCMutationProcedure<{
            input: void;
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        sessions: TRPCQueryProcedure<{
            input: void;
            output: {
                items: {
                    id: string;
                    current: boolean;
                    userAgent: string;
                    createdAt: string;
                    lastUsedAt: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        endSession: TRPCMutationProcedure<{
            input: {
                sessionId: string;
            };
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    account: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        get: TRPCQueryProcedure<{
            input: void;
            output: {
                userId: string;
                accountId: string;
                phoneMasked: string;
                role: "admin" | "auditor" | "finance" | "member" | "operator";
                membership: {
                    planId: string;
                    level: number;
                    startedAt: string;
                    endsAt: string;
                } | null;
                createdAt: string;
                lowQuotaSmsAgreedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        setLowQuotaSms: TRPCMutationProcedure<{
            input: {
                agreed: boolean;
            };
            output: {
                agreedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    plans: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: void;
            output: {
                items: {
                    planId: string;
                    version: number;
                    level: number;
                    title: string;
                    titleEn: string;
                    priceFen: number;
                    quota: number;
                    periodDays: number | null;
                    periodMonths: number | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        versions: TRPCQueryProcedure<{
            input: {
                planId?: string | undefined;
            };
            output: {
                items: {
                    planId: string;
                    version: number;
                    level: number;
                    title: string;
                    titleEn: string;
                    priceFen: number;
                    quota: number;
                    periodDays: number | null;
                    periodMonths: number | null;
                    status: "archived" | "draft" | "published";
                    createdBy: string | null;
                    createdAt: string;
                    publishedAt: string | null;
                    archivedAt: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        saveDraft: TRPCMutationProcedure<{
            input: {
                planId: string;
                level: number;
                title: string;
                titleEn: string;
                priceFen: number;
                quota: number;
                periodDays?: number | null | undefined;
                periodMonths?: number | null | undefined;
                acknowledge?: string[] | undefined;
            };
            output: {
                planId: string;
                version: number;
                level: number;
                title: string;
                titleEn: string;
                priceFen: number;
                quota: number;
                periodDays: number | null;
                periodMonths: number | null;
                status: "archived" | "draft" | "published";
                createdBy: string | null;
                createdAt: string;
                publishedAt: string | null;
                archivedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        publish: TRPCMutationProcedure<{
            input: {
                planId: string;
                version: number;
                reason: string;
                acknowledge?: string[] | undefined;
            };
            output: {
                planId: string;
                version: number;
                level: number;
                title: string;
                titleEn: string;
                priceFen: number;
                quota: number;
                periodDays: number | null;
                periodMonths: number | null;
                status: "archived" | "draft" | "published";
                createdBy: string | null;
                createdAt: string;
                publishedAt: string | null;
                archivedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        archive: TRPCMutationProcedure<{
            input: {
                planId: string;
                version: number;
                reason: string;
            };
            output: {
                planId: string;
                version: number;
                level: number;
                title: string;
                titleEn: string;
                priceFen: number;
                quota: number;
                periodDays: number | null;
                periodMonths: number | null;
                status: "archived" | "draft" | "published";
                createdBy: string | null;
                createdAt: string;
                publishedAt: string | null;
                archivedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    orders: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        create: TRPCMutationProcedure<{
            input: {
                planId: string;
                channel?: "h5" | "jsapi" | "native" | undefined;
                openid?: string | undefined;
                h5Type?: "Android" | "Wap" | "iOS" | undefined;
            };
            output: {
                id: string;
                planId: string;
                planTitle: string;
                amountFen: number;
                currency: "CNY";
                channel: "h5" | "jsapi" | "native";
                status: "amount_mismatch" | "closed" | "paid" | "paid_after_close" | "partially_refunded" | "pending" | "refunded" | "refunding";
                codeUrl: string | null;
                jsapi: {
                    appId: string;
                    timeStamp: string;
                    nonceStr: string;
                    package: string;
                    signType: "RSA";
                    paySign: string;
                } | null;
                h5Url: string | null;
                createdAt: string;
                expiresAt: string;
                paidAt: string | null;
                refundedFen: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                orderId: string;
            };
            output: {
                id: string;
                planId: string;
                planTitle: string;
                amountFen: number;
                currency: "CNY";
                channel: "h5" | "jsapi" | "native";
                status: "amount_mismatch" | "closed" | "paid" | "paid_after_close" | "partially_refunded" | "pending" | "refunded" | "refunding";
                codeUrl: string | null;
                jsapi: {
                    appId: string;
                    timeStamp: string;
                    nonceStr: string;
                    package: string;
                    signType: "RSA";
                    paySign: string;
                } | null;
                h5Url: string | null;
                createdAt: string;
                expiresAt: string;
                paidAt: string | null;
                refundedFen: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        list: TRPCQueryProcedure<{
            input: {
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    planId: string;
                    planTitle: string;
                    amountFen: number;
                    currency: "CNY";
                    channel: "h5" | "jsapi" | "native";
                    status: "amount_mismatch" | "closed" | "paid" | "paid_after_close" | "partially_refunded" | "pending" | "refunded" | "refunding";
                    codeUrl: string | null;
                    jsapi: {
                        appId: string;
                        timeStamp: string;
                        nonceStr: string;
                        package: string;
                        signType: "RSA";
                        paySign: string;
                    } | null;
                    h5Url: string | null;
                    createdAt: string;
                    expiresAt: string;
                    paidAt: string | null;
                    refundedFen: number;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    quota: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        balance: TRPCQueryProcedure<{
            input: void;
            output: {
                available: number;
                grants: {
                    id: string;
                    source: "compensation" | "promotion" | "purchase" | "signup";
                    title: {
                        zh: string;
                        en: string;
                    };
                    orderId: string | null;
                    amount: number;
                    remaining: number;
                    expiresAt: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        history: TRPCQueryProcedure<{
            input: {
                kind?: "charge" | "clawback" | "expire" | "grant" | "refund" | undefined;
                from?: string | undefined;
                to?: string | undefined;
                cursor?: number | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    seq: number;
                    kind: "charge" | "clawback" | "expire" | "grant" | "refund";
                    amount: number;
                    balanceBefore: number;
                    balanceAfter: number;
                    cause: string;
                    causeText: {
                        zh: string;
                        en: string;
                    };
                    title: {
                        zh: string;
                        en: string;
                    } | null;
                    taskId: string | null;
                    featureId: string | null;
                    orderId: string | null;
                    grantId: string | null;
                    createdAt: string;
                }[];
                nextCursor: number | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        export: TRPCQueryProcedure<{
            input: {
                kind?: "charge" | "clawback" | "expire" | "grant" | "refund" | undefined;
                from?: string | undefined;
                to?: string | undefined;
            };
            output: {
                fileName: string;
                contentType: string;
                text: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    codes: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        redeem: TRPCMutationProcedure<{
            input: {
                code: string;
            };
            output: {
                title: string;
                quota: number;
                expiresAt: string;
                available: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        batches: TRPCQueryProcedure<{
            input: {
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    title: string;
                    quota: number;
                    grantDays: number;
                    codeCount: number;
                    usesPerCode: number;
                    perUserLimit: number;
                    expiresAt: string;
                    id: string;
                    status: "disabled" | "issued" | "ready";
                    uses: number;
                    createdBy: string;
                    approvalId: string | null;
                    createdAt: string;
                    issuedAt: string | null;
                    disabledAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        batch: TRPCQueryProcedure<{
            input: {
                batchId: string;
            };
            output: {
                title: string;
                quota: number;
                grantDays: number;
                codeCount: number;
                usesPerCode: number;
                perUserLimit: number;
                expiresAt: string;
                id: string;
                status: "disabled" | "issued" | "ready";
                uses: number;
                createdBy: string;
                approvalId: string | null;
                createdAt: string;
                issuedAt: string | null;
                disabledAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        createBatch: TRPCMutationProcedure<{
            input: {
                title: string;
                quota: number;
                grantDays: number;
                codeCount: number;
                usesPerCode?: number | undefined;
                perUserLimit?: number | undefined;
                expiresAt: string;
                reason: string;
            };
            output: {
                batch: {
                    title: string;
                    quota: number;
                    grantDays: number;
                    codeCount: number;
                    usesPerCode: number;
                    perUserLimit: number;
                    expiresAt: string;
                    id: string;
                    status: "disabled" | "issued" | "ready";
                    uses: number;
                    createdBy: string;
                    approvalId: string | null;
                    createdAt: string;
                    issuedAt: string | null;
                    disabledAt: string | null;
                } | null;
                approval: {
                    id: string;
                    kind: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion";
                    subjectType: string;
                    subjectId: string;
                    payload: Record<string, unknown>;
                    reason: string;
                    requestedBy: string;
                    status: "approved" | "expired" | "pending" | "rejected" | "withdrawn";
                    decidedBy: string | null;
                    decisionReason: string | null;
                    createdAt: string;
                    expiresAt: string;
                    decidedAt: string | null;
                } | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        issue: TRPCMutationProcedure<{
            input: {
                batchId: string;
                replace?: boolean | undefined;
            };
            output: {
                batch: {
                    title: string;
                    quota: number;
                    grantDays: number;
                    codeCount: number;
                    usesPerCode: number;
                    perUserLimit: number;
                    expiresAt: string;
                    id: string;
                    status: "disabled" | "issued" | "ready";
                    uses: number;
                    createdBy: string;
                    approvalId: string | null;
                    createdAt: string;
                    issuedAt: string | null;
                    disabledAt: string | null;
                };
                codes: string[];
                file: {
                    fileName: string;
                    contentType: string;
                    text: string;
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        disableBatch: TRPCMutationProcedure<{
            input: {
                batchId: string;
                reason: string;
            };
            output: {
                title: string;
                quota: number;
                grantDays: number;
                codeCount: number;
                usesPerCode: number;
                perUserLimit: number;
                expiresAt: string;
                id: string;
                status: "disabled" | "issued" | "ready";
                uses: number;
                createdBy: string;
                approvalId: string | null;
                createdAt: string;
                issuedAt: string | null;
                disabledAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    campaigns: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        offers: TRPCQueryProcedure<{
            input: void;
            output: {
                items: {
                    campaignId: string;
                    title: string;
                    quota: number;
                    grantDays: number;
                    endsAt: string;
                    isClaimed: boolean;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        claim: TRPCMutationProcedure<{
            input: {
                campaignId: string;
            };
            output: {
                title: string;
                quota: number;
                expiresAt: string;
                available: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        list: TRPCQueryProcedure<{
            input: {
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    title: string;
                    audience: {
                        kind: "members";
                    } | {
                        kind: "level";
                        minLevel: number;
                    } | {
                        kind: "accounts";
                    };
                    delivery: "claim" | "push";
                    quota: number;
                    grantDays: number;
                    totalCap: number;
                    claimed: number;
                    startsAt: string;
                    endsAt: string;
                    state: "ended" | "full" | "open" | "scheduled" | "stopped";
                    pushedAt: string | null;
                    createdBy: string;
                    approvalId: string | null;
                    createdAt: string;
                    stoppedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                campaignId: string;
            };
            output: {
                id: string;
                title: string;
                audience: {
                    kind: "members";
                } | {
                    kind: "level";
                    minLevel: number;
                } | {
                    kind: "accounts";
                };
                delivery: "claim" | "push";
                quota: number;
                grantDays: number;
                totalCap: number;
                claimed: number;
                startsAt: string;
                endsAt: string;
                state: "ended" | "full" | "open" | "scheduled" | "stopped";
                pushedAt: string | null;
                createdBy: string;
                approvalId: string | null;
                createdAt: string;
                stoppedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        create: TRPCMutationProcedure<{
            input: {
                title: string;
                audience: {
                    kind: "members";
                } | {
                    kind: "level";
                    minLevel: number;
                } | {
                    kind: "accounts";
                    accounts: string[];
                };
                delivery: "claim" | "push";
                quota: number;
                grantDays: number;
                totalCap: number;
                startsAt: string;
                endsAt: string;
                reason: string;
            };
            output: {
                campaign: {
                    id: string;
                    title: string;
                    audience: {
                        kind: "members";
                    } | {
                        kind: "level";
                        minLevel: number;
                    } | {
                        kind: "accounts";
                    };
                    delivery: "claim" | "push";
                    quota: number;
                    grantDays: number;
                    totalCap: number;
                    claimed: number;
                    startsAt: string;
                    endsAt: string;
                    state: "ended" | "full" | "open" | "scheduled" | "stopped";
                    pushedAt: string | null;
                    createdBy: string;
                    approvalId: string | null;
                    createdAt: string;
                    stoppedAt: string | null;
                } | null;
                approval: {
                    id: string;
                    kind: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion";
                    subjectType: string;
                    subjectId: string;
                    payload: Record<string, unknown>;
                    reason: string;
                    requestedBy: string;
                    status: "approved" | "expired" | "pending" | "rejected" | "withdrawn";
                    decidedBy: string | null;
                    decisionReason: string | null;
                    createdAt: string;
                    expiresAt: string;
                    decidedAt: string | null;
                } | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        stop: TRPCMutationProcedure<{
            input: {
                campaignId: string;
                reason: string;
            };
            output: {
                id: string;
                title: string;
                audience: {
                    kind: "members";
                } | {
                    kind: "level";
                    minLevel: number;
                } | {
                    kind: "accounts";
                };
                delivery: "claim" | "push";
                quota: number;
                grantDays: number;
                totalCap: number;
                claimed: number;
                startsAt: string;
                endsAt: string;
                state: "ended" | "full" | "open" | "scheduled" | "stopped";
                pushedAt: string | null;
                createdBy: string;
                approvalId: string | null;
                createdAt: string;
                stoppedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    features: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: void;
            output: {
                items: {
                    featureId: string;
                    title: string;
                    description: string;
                    iconUrl: string | null;
                    category: "image" | "text" | "video";
                    quotaCost: number;
                    rateLimit: {
                        maxPerHour: number;
                        maxPerDay: number;
                        cooldownSeconds: number;
                    } | null;
                    outputType: "multiImage" | "singleImage" | "textBundle" | "video" | "zip";
                    displayOrder: number;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        form: TRPCQueryProcedure<{
            input: {
                featureId: string;
            };
            output: {
                featureId: string;
                version: number;
                fields: {
                    key: string;
                    type: "checkbox" | "color" | "date" | "image" | "images" | "number" | "radio" | "select" | "slider" | "text" | "textarea" | "video";
                    label: string;
                    placeholder?: string | undefined;
                    required: boolean;
                    defaultValue?: string | number | boolean | undefined;
                    validation?: {
                        maxSize?: number | undefined;
                        allowedFormats?: ("jpeg" | "mp4" | "png" | "webp")[] | undefined;
                        minWidth?: number | undefined;
                        minHeight?: number | undefined;
                        maxDuration?: number | undefined;
                        minLength?: number | undefined;
                        maxLength?: number | undefined;
                        pattern?: string | undefined;
                        min?: number | undefined;
                        max?: number | undefined;
                        step?: number | undefined;
                        options?: {
                            value: string;
                            label: string;
                        }[] | undefined;
                        maxCount?: number | undefined;
                        minDate?: string | undefined;
                        maxDate?: string | undefined;
                    } | undefined;
                    dependencies?: {
                        field: string;
                        operator: "equals" | "greaterThan" | "in" | "lessThan" | "notEquals" | "notIn";
                        value: string | number | boolean | (string | number)[];
                    }[] | undefined;
                    helpText?: string | undefined;
                }[];
                submitButton: string;
                layout: "grid" | "horizontal" | "vertical";
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    uploads: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        begin: TRPCMutationProcedure<{
            input: {
                contentType: "image/jpeg" | "image/png" | "image/webp" | "video/mp4";
                sizeBytes: number;
            };
            output: {
                assetId: string;
                url: string;
                signedPath: string;
                contentType: string;
                credentials: {
                    secretId: string;
                    secretKey: string;
                    sessionToken: string;
                    startTime: number;
                    expiredTime: number;
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        complete: TRPCMutationProcedure<{
            input: {
                assetId: string;
            };
            output: {
                id: string;
                kind: "result" | "upload";
                contentType: string;
                width: number | null;
                height: number | null;
                durationMs: number | null;
                bytes: number;
                taskId: string | null;
                featureId: string | null;
                label: "none" | "visible" | null;
                hasUnlabelled: boolean;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    tasks: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        create: TRPCMutationProcedure<{
            input: {
                featureId: string;
                input: Record<string, JsonValue>;
            };
            output: {
                id: string;
                featureId: string;
                status: "cancelled" | "failed" | "pending" | "processing" | "succeeded";
                percent: number;
                stage: {
                    zh: string;
                    en: string;
                };
                input: Record<string, JsonValue>;
                charge: {
                    cost: number;
                    charged: number;
                    refunded: boolean;
                    zh: string;
                    en: string;
                };
                outputs: {
                    assetId: string;
                    contentType: string;
                    width: number | null;
                    height: number | null;
                }[];
                failure: {
                    code: string;
                    zh: string;
                    en: string;
                } | null;
                createdAt: string;
                finishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                taskId: string;
            };
            output: {
                id: string;
                featureId: string;
                status: "cancelled" | "failed" | "pending" | "processing" | "succeeded";
                percent: number;
                stage: {
                    zh: string;
                    en: string;
                };
                input: Record<string, JsonValue>;
                charge: {
                    cost: number;
                    charged: number;
                    refunded: boolean;
                    zh: string;
                    en: string;
                };
                outputs: {
                    assetId: string;
                    contentType: string;
                    width: number | null;
                    height: number | null;
                }[];
                failure: {
                    code: string;
                    zh: string;
                    en: string;
                } | null;
                createdAt: string;
                finishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        list: TRPCQueryProcedure<{
            input: {
                status?: "cancelled" | "failed" | "pending" | "processing" | "succeeded" | undefined;
                featureId?: string | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    featureId: string;
                    status: "cancelled" | "failed" | "pending" | "processing" | "succeeded";
                    percent: number;
                    stage: {
                        zh: string;
                        en: string;
                    };
                    input: Record<string, JsonValue>;
                    charge: {
                        cost: number;
                        charged: number;
                        refunded: boolean;
                        zh: string;
                        en: string;
                    };
                    outputs: {
                        assetId: string;
                        contentType: string;
                        width: number | null;
                        height: number | null;
                    }[];
                    failure: {
                        code: string;
                        zh: string;
                        en: string;
                    } | null;
                    createdAt: string;
                    finishedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        cancel: TRPCMutationProcedure<{
            input: {
                taskId: string;
            };
            output: {
                id: string;
                featureId: string;
                status: "cancelled" | "failed" | "pending" | "processing" | "succeeded";
                percent: number;
                stage: {
                    zh: string;
                    en: string;
                };
                input: Record<string, JsonValue>;
                charge: {
                    cost: number;
                    charged: number;
                    refunded: boolean;
                    zh: string;
                    en: string;
                };
                outputs: {
                    assetId: string;
                    contentType: string;
                    width: number | null;
                    height: number | null;
                }[];
                failure: {
                    code: string;
                    zh: string;
                    en: string;
                } | null;
                createdAt: string;
                finishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        watch: TRPCSubscriptionProcedure<{
            input: {
                taskId: string;
                lastEventId?: string | null | undefined;
            };
            output: AsyncIterable<TrackedData<{
                taskId: string;
                status: "cancelled" | "failed" | "pending" | "processing" | "succeeded";
                percent: number;
                stage: {
                    zh: string;
                    en: string;
                };
                at: string;
            }>, void, unknown>;
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    batches: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        create: TRPCMutationProcedure<{
            input: {
                featureId: string;
                inputs: Record<string, JsonValue>[];
            };
            output: {
                id: string;
                featureId: string;
                size: number;
                counts: {
                    pending: number;
                    processing: number;
                    succeeded: number;
                    failed: number;
                    cancelled: number;
                };
                percent: number;
                isDone: boolean;
                charge: {
                    cost: number;
                    charged: number;
                    refunded: number;
                    zh: string;
                    en: string;
                };
                createdAt: string;
                finishedAt: string | null;
                tasks: {
                    id: string;
                    featureId: string;
                    status: "cancelled" | "failed" | "pending" | "processing" | "succeeded";
                    percent: number;
                    stage: {
                        zh: string;
                        en: string;
                    };
                    input: Record<string, JsonValue>;
                    charge: {
                        cost: number;
                        charged: number;
                        refunded: boolean;
                        zh: string;
                        en: string;
                    };
                    outputs: {
                        assetId: string;
                        contentType: string;
                        width: number | null;
                        height: number | null;
                    }[];
                    failure: {
                        code: string;
                        zh: string;
                        en: string;
                    } | null;
                    createdAt: string;
                    finishedAt: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                batchId: string;
            };
            output: {
                id: string;
                featureId: string;
                size: number;
                counts: {
                    pending: number;
                    processing: number;
                    succeeded: number;
                    failed: number;
                    cancelled: number;
                };
                percent: number;
                isDone: boolean;
                charge: {
                    cost: number;
                    charged: number;
                    refunded: number;
                    zh: string;
                    en: string;
                };
                createdAt: string;
                finishedAt: string | null;
                tasks: {
                    id: string;
                    featureId: string;
                    status: "cancelled" | "failed" | "pending" | "processing" | "succeeded";
                    percent: number;
                    stage: {
                        zh: string;
                        en: string;
                    };
                    input: Record<string, JsonValue>;
                    charge: {
                        cost: number;
                        charged: number;
                        refunded: boolean;
                        zh: string;
                        en: string;
                    };
                    outputs: {
                        assetId: string;
                        contentType: string;
                        width: number | null;
                        height: number | null;
                    }[];
                    failure: {
                        code: string;
                        zh: string;
                        en: string;
                    } | null;
                    createdAt: string;
                    finishedAt: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        list: TRPCQueryProcedure<{
            input: {
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    featureId: string;
                    size: number;
                    counts: {
                        pending: number;
                        processing: number;
                        succeeded: number;
                        failed: number;
                        cancelled: number;
                    };
                    percent: number;
                    isDone: boolean;
                    charge: {
                        cost: number;
                        charged: number;
                        refunded: number;
                        zh: string;
                        en: string;
                    };
                    createdAt: string;
                    finishedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        cancel: TRPCMutationProcedure<{
            input: {
                batchId: string;
            };
            output: {
                id: string;
                featureId: string;
                size: number;
                counts: {
                    pending: number;
                    processing: number;
                    succeeded: number;
                    failed: number;
                    cancelled: number;
                };
                percent: number;
                isDone: boolean;
                charge: {
                    cost: number;
                    charged: number;
                    refunded: number;
                    zh: string;
                    en: string;
                };
                createdAt: string;
                finishedAt: string | null;
                tasks: {
                    id: string;
                    featureId: string;
                    status: "cancelled" | "failed" | "pending" | "processing" | "succeeded";
                    percent: number;
                    stage: {
                        zh: string;
                        en: string;
                    };
                    input: Record<string, JsonValue>;
                    charge: {
                        cost: number;
                        charged: number;
                        refunded: boolean;
                        zh: string;
                        en: string;
                    };
                    outputs: {
                        assetId: string;
                        contentType: string;
                        width: number | null;
                        height: number | null;
                    }[];
                    failure: {
                        code: string;
                        zh: string;
                        en: string;
                    } | null;
                    createdAt: string;
                    finishedAt: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        retryFailed: TRPCMutationProcedure<{
            input: {
                batchId: string;
            };
            output: {
                id: string;
                featureId: string;
                size: number;
                counts: {
                    pending: number;
                    processing: number;
                    succeeded: number;
                    failed: number;
                    cancelled: number;
                };
                percent: number;
                isDone: boolean;
                charge: {
                    cost: number;
                    charged: number;
                    refunded: number;
                    zh: string;
                    en: string;
                };
                createdAt: string;
                finishedAt: string | null;
                tasks: {
                    id: string;
                    featureId: string;
                    status: "cancelled" | "failed" | "pending" | "processing" | "succeeded";
                    percent: number;
                    stage: {
                        zh: string;
                        en: string;
                    };
                    input: Record<string, JsonValue>;
                    charge: {
                        cost: number;
                        charged: number;
                        refunded: boolean;
                        zh: string;
                        en: string;
                    };
                    outputs: {
                        assetId: string;
                        contentType: string;
                        width: number | null;
                        height: number | null;
                    }[];
                    failure: {
                        code: string;
                        zh: string;
                        en: string;
                    } | null;
                    createdAt: string;
                    finishedAt: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        zip: TRPCMutationProcedure<{
            input: {
                batchId: string;
            };
            output: {
                status: "preparing" | "ready";
                files: number;
                url: string | null;
                expiresAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        watch: TRPCSubscriptionProcedure<{
            input: {
                batchId: string;
                lastEventId?: string | null | undefined;
            };
            output: AsyncIterable<TrackedData<{
                counts: {
                    pending: number;
                    processing: number;
                    succeeded: number;
                    failed: number;
                    cancelled: number;
                };
                percent: number;
                isDone: boolean;
                batchId: string;
            }>, void, unknown>;
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    assets: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                kind?: "result" | "upload" | undefined;
                featureId?: string | undefined;
                type?: "image" | "text" | "video" | undefined;
                from?: string | undefined;
                to?: string | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    kind: "result" | "upload";
                    contentType: string;
                    width: number | null;
                    height: number | null;
                    durationMs: number | null;
                    bytes: number;
                    taskId: string | null;
                    featureId: string | null;
                    label: "none" | "visible" | null;
                    hasUnlabelled: boolean;
                    createdAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        download: TRPCQueryProcedure<{
            input: {
                assetId: string;
            };
            output: {
                url: string;
                expiresAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        labelStatement: TRPCQueryProcedure<{
            input: void;
            output: {
                version: number;
                zh: string;
                en: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        downloadUnlabelled: TRPCMutationProcedure<{
            input: {
                assetId: string;
                acceptedStatement?: number | undefined;
            };
            output: {
                url: string;
                expiresAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        remove: TRPCMutationProcedure<{
            input: {
                assetId: string;
            };
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    users: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        setRole: TRPCMutationProcedure<{
            input: {
                userId: string;
                role: "admin" | "auditor" | "finance" | "member" | "operator";
            };
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    sales: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        search: TRPCQueryProcedure<{
            input: {
                number?: string | undefined;
                userId?: string | undefined;
                status?: "amount_mismatch" | "closed" | "paid" | "paid_after_close" | "partially_refunded" | "pending" | "refunded" | "refunding" | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    userId: string;
                    outTradeNo: string;
                    planId: string;
                    planVersion: number;
                    amountFen: number;
                    channel: "h5" | "jsapi" | "native";
                    status: "amount_mismatch" | "closed" | "paid" | "paid_after_close" | "partially_refunded" | "pending" | "refunded" | "refunding";
                    createdAt: string;
                    expiresAt: string;
                    paidAt: string | null;
                    closedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                orderId: string;
            };
            output: {
                id: string;
                userId: string;
                outTradeNo: string;
                planId: string;
                planVersion: number;
                amountFen: number;
                channel: "h5" | "jsapi" | "native";
                status: "amount_mismatch" | "closed" | "paid" | "paid_after_close" | "partially_refunded" | "pending" | "refunded" | "refunding";
                createdAt: string;
                expiresAt: string;
                paidAt: string | null;
                closedAt: string | null;
                payments: {
                    id: string;
                    transactionId: string;
                    outcome: "amount_mismatch" | "granted" | "paid_after_close" | "second_payment";
                    source: "notification" | "query";
                    amountFen: number;
                    currency: string;
                    refundingFen: number;
                    paidAt: string;
                }[];
                refunds: {
                    id: string;
                    orderId: string;
                    paymentId: string;
                    userId: string;
                    outRefundNo: string;
                    cause: "amount_mismatch" | "finance" | "found_at_vendor" | "paid_after_close" | "second_payment";
                    reason: string;
                    amountFen: number;
                    clawedQuota: number;
                    dueQuota: number;
                    removedMs: number;
                    status: "abnormal" | "closed" | "intended" | "processing" | "succeeded";
                    vendorCode: string | null;
                    requestedBy: string | null;
                    approvalId: string | null;
                    createdAt: string;
                    succeededAt: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    refunds: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        request: TRPCMutationProcedure<{
            input: {
                orderId: string;
                paymentId?: string | undefined;
                amountFen: number;
                reason: string;
            };
            output: {
                refund: {
                    id: string;
                    orderId: string;
                    paymentId: string;
                    userId: string;
                    outRefundNo: string;
                    cause: "amount_mismatch" | "finance" | "found_at_vendor" | "paid_after_close" | "second_payment";
                    reason: string;
                    amountFen: number;
                    clawedQuota: number;
                    dueQuota: number;
                    removedMs: number;
                    status: "abnormal" | "closed" | "intended" | "processing" | "succeeded";
                    vendorCode: string | null;
                    requestedBy: string | null;
                    approvalId: string | null;
                    createdAt: string;
                    succeededAt: string | null;
                } | null;
                approval: {
                    id: string;
                    kind: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion";
                    subjectType: string;
                    subjectId: string;
                    payload: Record<string, unknown>;
                    reason: string;
                    requestedBy: string;
                    status: "approved" | "expired" | "pending" | "rejected" | "withdrawn";
                    decidedBy: string | null;
                    decisionReason: string | null;
                    createdAt: string;
                    expiresAt: string;
                    decidedAt: string | null;
                } | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                refundId: string;
            };
            output: {
                id: string;
                orderId: string;
                paymentId: string;
                userId: string;
                outRefundNo: string;
                cause: "amount_mismatch" | "finance" | "found_at_vendor" | "paid_after_close" | "second_payment";
                reason: string;
                amountFen: number;
                clawedQuota: number;
                dueQuota: number;
                removedMs: number;
                status: "abnormal" | "closed" | "intended" | "processing" | "succeeded";
                vendorCode: string | null;
                requestedBy: string | null;
                approvalId: string | null;
                createdAt: string;
                succeededAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        list: TRPCQueryProcedure<{
            input: {
                orderId?: string | undefined;
                userId?: string | undefined;
                status?: "abnormal" | "closed" | "intended" | "processing" | "succeeded" | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    orderId: string;
                    paymentId: string;
                    userId: string;
                    outRefundNo: string;
                    cause: "amount_mismatch" | "finance" | "found_at_vendor" | "paid_after_close" | "second_payment";
                    reason: string;
                    amountFen: number;
                    clawedQuota: number;
                    dueQuota: number;
                    removedMs: number;
                    status: "abnormal" | "closed" | "intended" | "processing" | "succeeded";
                    vendorCode: string | null;
                    requestedBy: string | null;
                    approvalId: string | null;
                    createdAt: string;
                    succeededAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        retry: TRPCMutationProcedure<{
            input: {
                refundId: string;
            };
            output: {
                id: string;
                orderId: string;
                paymentId: string;
                userId: string;
                outRefundNo: string;
                cause: "amount_mismatch" | "finance" | "found_at_vendor" | "paid_after_close" | "second_payment";
                reason: string;
                amountFen: number;
                clawedQuota: number;
                dueQuota: number;
                removedMs: number;
                status: "abnormal" | "closed" | "intended" | "processing" | "succeeded";
                vendorCode: string | null;
                requestedBy: string | null;
                approvalId: string | null;
                createdAt: string;
                succeededAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        giveUp: TRPCMutationProcedure<{
            input: {
                refundId: string;
            };
            output: {
                id: string;
                orderId: string;
                paymentId: string;
                userId: string;
                outRefundNo: string;
                cause: "amount_mismatch" | "finance" | "found_at_vendor" | "paid_after_close" | "second_payment";
                reason: string;
                amountFen: number;
                clawedQuota: number;
                dueQuota: number;
                removedMs: number;
                status: "abnormal" | "closed" | "intended" | "processing" | "succeeded";
                vendorCode: string | null;
                requestedBy: string | null;
                approvalId: string | null;
                createdAt: string;
                succeededAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    fapiao: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        titles: TRPCQueryProcedure<{
            input: void;
            output: {
                items: {
                    kind: "company" | "personal";
                    name: string;
                    taxNo: string | null;
                    id: string;
                    createdAt: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        addTitle: TRPCMutationProcedure<{
            input: {
                kind: "company" | "personal";
                name: string;
                taxNo?: string | undefined;
            };
            output: {
                kind: "company" | "personal";
                name: string;
                taxNo: string | null;
                id: string;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        removeTitle: TRPCMutationProcedure<{
            input: {
                titleId: string;
            };
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        request: TRPCMutationProcedure<{
            input: {
                orderId: string;
                titleId: string;
            };
            output: {
                id: string;
                orderId: string;
                userId: string;
                title: {
                    kind: "company" | "personal";
                    name: string;
                    taxNo: string | null;
                };
                amountFen: number;
                status: "issued" | "issuing" | "red_flushed" | "rejected" | "requested";
                number: string | null;
                issuedOn: string | null;
                redNumber: string | null;
                redIssuedOn: string | null;
                redDemandedAt: string | null;
                rejectReason: string | null;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        list: TRPCQueryProcedure<{
            input: {
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    orderId: string;
                    userId: string;
                    title: {
                        kind: "company" | "personal";
                        name: string;
                        taxNo: string | null;
                    };
                    amountFen: number;
                    status: "issued" | "issuing" | "red_flushed" | "rejected" | "requested";
                    number: string | null;
                    issuedOn: string | null;
                    redNumber: string | null;
                    redIssuedOn: string | null;
                    redDemandedAt: string | null;
                    rejectReason: string | null;
                    createdAt: string;
                    updatedAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        file: TRPCQueryProcedure<{
            input: {
                fapiaoId: string;
                which?: "blue" | "red" | undefined;
            };
            output: {
                url: string;
                expiresAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        search: TRPCQueryProcedure<{
            input: {
                cursor?: string | undefined;
                limit?: number | undefined;
                orderId?: string | undefined;
                status?: "issued" | "issuing" | "red_flushed" | "rejected" | "requested" | undefined;
                redDue?: boolean | undefined;
            };
            output: {
                items: {
                    id: string;
                    orderId: string;
                    userId: string;
                    title: {
                        kind: "company" | "personal";
                        name: string;
                        taxNo: string | null;
                    };
                    amountFen: number;
                    status: "issued" | "issuing" | "red_flushed" | "rejected" | "requested";
                    number: string | null;
                    issuedOn: string | null;
                    redNumber: string | null;
                    redIssuedOn: string | null;
                    redDemandedAt: string | null;
                    rejectReason: string | null;
                    createdAt: string;
                    updatedAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        begin: TRPCMutationProcedure<{
            input: {
                fapiaoId: string;
            };
            output: {
                id: string;
                orderId: string;
                userId: string;
                title: {
                    kind: "company" | "personal";
                    name: string;
                    taxNo: string | null;
                };
                amountFen: number;
                status: "issued" | "issuing" | "red_flushed" | "rejected" | "requested";
                number: string | null;
                issuedOn: string | null;
                redNumber: string | null;
                redIssuedOn: string | null;
                redDemandedAt: string | null;
                rejectReason: string | null;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        issue: TRPCMutationProcedure<{
            input: {
                fapiaoId: string;
                number: string;
                issuedOn: string;
                objectKey: string;
            };
            output: {
                id: string;
                orderId: string;
                userId: string;
                title: {
                    kind: "company" | "personal";
                    name: string;
                    taxNo: string | null;
                };
                amountFen: number;
                status: "issued" | "issuing" | "red_flushed" | "rejected" | "requested";
                number: string | null;
                issuedOn: string | null;
                redNumber: string | null;
                redIssuedOn: string | null;
                redDemandedAt: string | null;
                rejectReason: string | null;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        redFlush: TRPCMutationProcedure<{
            input: {
                fapiaoId: string;
                number: string;
                issuedOn: string;
                objectKey: string;
            };
            output: {
                id: string;
                orderId: string;
                userId: string;
                title: {
                    kind: "company" | "personal";
                    name: string;
                    taxNo: string | null;
                };
                amountFen: number;
                status: "issued" | "issuing" | "red_flushed" | "rejected" | "requested";
                number: string | null;
                issuedOn: string | null;
                redNumber: string | null;
                redIssuedOn: string | null;
                redDemandedAt: string | null;
                rejectReason: string | null;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        reject: TRPCMutationProcedure<{
            input: {
                fapiaoId: string;
                reason: string;
            };
            output: {
                id: string;
                orderId: string;
                userId: string;
                title: {
                    kind: "company" | "personal";
                    name: string;
                    taxNo: string | null;
                };
                amountFen: number;
                status: "issued" | "issuing" | "red_flushed" | "rejected" | "requested";
                number: string | null;
                issuedOn: string | null;
                redNumber: string | null;
                redIssuedOn: string | null;
                redDemandedAt: string | null;
                rejectReason: string | null;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    reconciliation: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        start: TRPCMutationProcedure<{
            input: {
                day: string;
                kind?: "provider" | "wechat" | undefined;
            };
            output: {
                id: string;
                day: string;
                kind: "provider" | "wechat";
                state: "done" | "queued" | "running" | "waiting";
                cause: "command" | "request" | "schedule";
                requestedBy: string | null;
                bills: {
                    kind: "fund_flow" | "trade";
                    state: "absent" | "creating" | "damaged" | "ready";
                    sha1: string | null;
                    bytes: number;
                    rows: number;
                    object: string | null;
                }[];
                counts: Record<string, number>;
                sums: Record<string, number>;
                found: number;
                healed: number;
                createdAt: string;
                startedAt: string | null;
                finishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        runs: TRPCQueryProcedure<{
            input: {
                day?: string | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    day: string;
                    kind: "provider" | "wechat";
                    state: "done" | "queued" | "running" | "waiting";
                    cause: "command" | "request" | "schedule";
                    requestedBy: string | null;
                    bills: {
                        kind: "fund_flow" | "trade";
                        state: "absent" | "creating" | "damaged" | "ready";
                        sha1: string | null;
                        bytes: number;
                        rows: number;
                        object: string | null;
                    }[];
                    counts: Record<string, number>;
                    sums: Record<string, number>;
                    found: number;
                    healed: number;
                    createdAt: string;
                    startedAt: string | null;
                    finishedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        run: TRPCQueryProcedure<{
            input: {
                runId: string;
            };
            output: {
                id: string;
                day: string;
                kind: "provider" | "wechat";
                state: "done" | "queued" | "running" | "waiting";
                cause: "command" | "request" | "schedule";
                requestedBy: string | null;
                bills: {
                    kind: "fund_flow" | "trade";
                    state: "absent" | "creating" | "damaged" | "ready";
                    sha1: string | null;
                    bytes: number;
                    rows: number;
                    object: string | null;
                }[];
                counts: Record<string, number>;
                sums: Record<string, number>;
                found: number;
                healed: number;
                createdAt: string;
                startedAt: string | null;
                finishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        exceptions: TRPCQueryProcedure<{
            input: {
                state?: "accepted" | "investigating" | "open" | "reopened" | "resolved" | undefined;
                day?: string | undefined;
                kind?: "amount_differs" | "bill_absent" | "bill_bad_rows" | "bill_hash_differs" | "bill_late" | "bill_truncated" | "bill_unreadable" | "consumption_unread" | "cost_differs" | "cost_missing" | "cost_total_differs" | "cost_unknown_there" | "cost_unsettled" | "credited_not_there" | "currency_differs" | "duplicate_in_bill" | "fee_differs" | "fund_flow_amount_differs" | "fund_flow_missing" | "fund_flow_unknown" | "order_differs" | "paid_not_credited" | "paid_not_granted" | "paid_time_differs" | "paid_unconfirmed" | "refund_amount_differs" | "refund_state_differs" | "refund_unconfirmed" | "refund_unknown_payment" | "refunded_here_not_there" | "refunded_there_not_here" | "summary_differs" | "unknown_order" | "wrong_merchant" | undefined;
                owner?: "finance" | "operator" | undefined;
                assignedTo?: string | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    kind: "amount_differs" | "bill_absent" | "bill_bad_rows" | "bill_hash_differs" | "bill_late" | "bill_truncated" | "bill_unreadable" | "consumption_unread" | "cost_differs" | "cost_missing" | "cost_total_differs" | "cost_unknown_there" | "cost_unsettled" | "credited_not_there" | "currency_differs" | "duplicate_in_bill" | "fee_differs" | "fund_flow_amount_differs" | "fund_flow_missing" | "fund_flow_unknown" | "order_differs" | "paid_not_credited" | "paid_not_granted" | "paid_time_differs" | "paid_unconfirmed" | "refund_amount_differs" | "refund_state_differs" | "refund_unconfirmed" | "refund_unknown_payment" | "refunded_here_not_there" | "refunded_there_not_here" | "summary_differs" | "unknown_order" | "wrong_merchant";
                    subject: string;
                    day: string;
                    severity: "critical" | "error" | "warning";
                    owner: "finance" | "operator";
                    state: "accepted" | "investigating" | "open" | "reopened" | "resolved";
                    isHealed: boolean;
                    details: Record<string, string | number | null>;
                    orderId: string | null;
                    assignedTo: string | null;
                    firstRunId: string;
                    lastRunId: string;
                    createdAt: string;
                    updatedAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        exception: TRPCQueryProcedure<{
            input: {
                exceptionId: string;
            };
            output: {
                id: string;
                kind: "amount_differs" | "bill_absent" | "bill_bad_rows" | "bill_hash_differs" | "bill_late" | "bill_truncated" | "bill_unreadable" | "consumption_unread" | "cost_differs" | "cost_missing" | "cost_total_differs" | "cost_unknown_there" | "cost_unsettled" | "credited_not_there" | "currency_differs" | "duplicate_in_bill" | "fee_differs" | "fund_flow_amount_differs" | "fund_flow_missing" | "fund_flow_unknown" | "order_differs" | "paid_not_credited" | "paid_not_granted" | "paid_time_differs" | "paid_unconfirmed" | "refund_amount_differs" | "refund_state_differs" | "refund_unconfirmed" | "refund_unknown_payment" | "refunded_here_not_there" | "refunded_there_not_here" | "summary_differs" | "unknown_order" | "wrong_merchant";
                subject: string;
                day: string;
                severity: "critical" | "error" | "warning";
                owner: "finance" | "operator";
                state: "accepted" | "investigating" | "open" | "reopened" | "resolved";
                isHealed: boolean;
                details: Record<string, string | number | null>;
                orderId: string | null;
                assignedTo: string | null;
                firstRunId: string;
                lastRunId: string;
                createdAt: string;
                updatedAt: string;
                events: {
                    id: number;
                    cause: "assigned" | "found" | "found_again" | "gone" | "healed" | "moved" | "noted";
                    from: "accepted" | "investigating" | "open" | "reopened" | "resolved" | null;
                    to: "accepted" | "investigating" | "open" | "reopened" | "resolved";
                    runId: string | null;
                    actorId: string | null;
                    assignedTo: string | null;
                    note: string | null;
                    at: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        move: TRPCMutationProcedure<{
            input: {
                exceptionId: string;
                to: "accepted" | "investigating" | "reopened" | "resolved";
                note: string;
            };
            output: {
                id: string;
                kind: "amount_differs" | "bill_absent" | "bill_bad_rows" | "bill_hash_differs" | "bill_late" | "bill_truncated" | "bill_unreadable" | "consumption_unread" | "cost_differs" | "cost_missing" | "cost_total_differs" | "cost_unknown_there" | "cost_unsettled" | "credited_not_there" | "currency_differs" | "duplicate_in_bill" | "fee_differs" | "fund_flow_amount_differs" | "fund_flow_missing" | "fund_flow_unknown" | "order_differs" | "paid_not_credited" | "paid_not_granted" | "paid_time_differs" | "paid_unconfirmed" | "refund_amount_differs" | "refund_state_differs" | "refund_unconfirmed" | "refund_unknown_payment" | "refunded_here_not_there" | "refunded_there_not_here" | "summary_differs" | "unknown_order" | "wrong_merchant";
                subject: string;
                day: string;
                severity: "critical" | "error" | "warning";
                owner: "finance" | "operator";
                state: "accepted" | "investigating" | "open" | "reopened" | "resolved";
                isHealed: boolean;
                details: Record<string, string | number | null>;
                orderId: string | null;
                assignedTo: string | null;
                firstRunId: string;
                lastRunId: string;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        assign: TRPCMutationProcedure<{
            input: {
                exceptionId: string;
                assignedTo: string | null;
            };
            output: {
                id: string;
                kind: "amount_differs" | "bill_absent" | "bill_bad_rows" | "bill_hash_differs" | "bill_late" | "bill_truncated" | "bill_unreadable" | "consumption_unread" | "cost_differs" | "cost_missing" | "cost_total_differs" | "cost_unknown_there" | "cost_unsettled" | "credited_not_there" | "currency_differs" | "duplicate_in_bill" | "fee_differs" | "fund_flow_amount_differs" | "fund_flow_missing" | "fund_flow_unknown" | "order_differs" | "paid_not_credited" | "paid_not_granted" | "paid_time_differs" | "paid_unconfirmed" | "refund_amount_differs" | "refund_state_differs" | "refund_unconfirmed" | "refund_unknown_payment" | "refunded_here_not_there" | "refunded_there_not_here" | "summary_differs" | "unknown_order" | "wrong_merchant";
                subject: string;
                day: string;
                severity: "critical" | "error" | "warning";
                owner: "finance" | "operator";
                state: "accepted" | "investigating" | "open" | "reopened" | "resolved";
                isHealed: boolean;
                details: Record<string, string | number | null>;
                orderId: string | null;
                assignedTo: string | null;
                firstRunId: string;
                lastRunId: string;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        note: TRPCMutationProcedure<{
            input: {
                exceptionId: string;
                note: string;
            };
            output: {
                id: string;
                kind: "amount_differs" | "bill_absent" | "bill_bad_rows" | "bill_hash_differs" | "bill_late" | "bill_truncated" | "bill_unreadable" | "consumption_unread" | "cost_differs" | "cost_missing" | "cost_total_differs" | "cost_unknown_there" | "cost_unsettled" | "credited_not_there" | "currency_differs" | "duplicate_in_bill" | "fee_differs" | "fund_flow_amount_differs" | "fund_flow_missing" | "fund_flow_unknown" | "order_differs" | "paid_not_credited" | "paid_not_granted" | "paid_time_differs" | "paid_unconfirmed" | "refund_amount_differs" | "refund_state_differs" | "refund_unconfirmed" | "refund_unknown_payment" | "refunded_here_not_there" | "refunded_there_not_here" | "summary_differs" | "unknown_order" | "wrong_merchant";
                subject: string;
                day: string;
                severity: "critical" | "error" | "warning";
                owner: "finance" | "operator";
                state: "accepted" | "investigating" | "open" | "reopened" | "resolved";
                isHealed: boolean;
                details: Record<string, string | number | null>;
                orderId: string | null;
                assignedTo: string | null;
                firstRunId: string;
                lastRunId: string;
                createdAt: string;
                updatedAt: string;
                events: {
                    id: number;
                    cause: "assigned" | "found" | "found_again" | "gone" | "healed" | "moved" | "noted";
                    from: "accepted" | "investigating" | "open" | "reopened" | "resolved" | null;
                    to: "accepted" | "investigating" | "open" | "reopened" | "resolved";
                    runId: string | null;
                    actorId: string | null;
                    assignedTo: string | null;
                    note: string | null;
                    at: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    grants: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        ofMember: TRPCQueryProcedure<{
            input: {
                userId: string;
                cursor?: number | undefined;
                limit?: number | undefined;
            };
            output: {
                balance: {
                    available: number;
                    grants: {
                        id: string;
                        source: "compensation" | "promotion" | "purchase" | "signup";
                        title: {
                            zh: string;
                            en: string;
                        };
                        orderId: string | null;
                        amount: number;
                        remaining: number;
                        expiresAt: string;
                    }[];
                };
                history: {
                    items: {
                        seq: number;
                        kind: "charge" | "clawback" | "expire" | "grant" | "refund";
                        amount: number;
                        balanceBefore: number;
                        balanceAfter: number;
                        cause: string;
                        causeText: {
                            zh: string;
                            en: string;
                        };
                        title: {
                            zh: string;
                            en: string;
                        } | null;
                        taskId: string | null;
                        featureId: string | null;
                        orderId: string | null;
                        grantId: string | null;
                        createdAt: string;
                    }[];
                    nextCursor: number | null;
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        compensations: TRPCQueryProcedure<{
            input: {
                userId?: string | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    userId: string;
                    amount: number;
                    days: number;
                    reason: string;
                    givenBy: string;
                    approvalId: string | null;
                    grantId: string;
                    createdAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        compensate: TRPCMutationProcedure<{
            input: {
                userId: string;
                amount: number;
                days: number;
                reason: string;
            };
            output: {
                compensation: {
                    id: string;
                    userId: string;
                    amount: number;
                    days: number;
                    reason: string;
                    givenBy: string;
                    approvalId: string | null;
                    grantId: string;
                    createdAt: string;
                } | null;
                approval: {
                    id: string;
                    kind: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion";
                    subjectType: string;
                    subjectId: string;
                    payload: Record<string, unknown>;
                    reason: string;
                    requestedBy: string;
                    status: "approved" | "expired" | "pending" | "rejected" | "withdrawn";
                    decidedBy: string | null;
                    decisionReason: string | null;
                    createdAt: string;
                    expiresAt: string;
                    decidedAt: string | null;
                } | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    approvals: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                status?: "approved" | "expired" | "pending" | "rejected" | "withdrawn" | undefined;
                kind?: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion" | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    kind: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion";
                    subjectType: string;
                    subjectId: string;
                    payload: Record<string, unknown>;
                    reason: string;
                    requestedBy: string;
                    status: "approved" | "expired" | "pending" | "rejected" | "withdrawn";
                    decidedBy: string | null;
                    decisionReason: string | null;
                    createdAt: string;
                    expiresAt: string;
                    decidedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                approvalId: string;
            };
            output: {
                id: string;
                kind: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion";
                subjectType: string;
                subjectId: string;
                payload: Record<string, unknown>;
                reason: string;
                requestedBy: string;
                status: "approved" | "expired" | "pending" | "rejected" | "withdrawn";
                decidedBy: string | null;
                decisionReason: string | null;
                createdAt: string;
                expiresAt: string;
                decidedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        decide: TRPCMutationProcedure<{
            input: {
                approvalId: string;
                decision: "approve" | "reject";
                reason: string;
            };
            output: {
                id: string;
                kind: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion";
                subjectType: string;
                subjectId: string;
                payload: Record<string, unknown>;
                reason: string;
                requestedBy: string;
                status: "approved" | "expired" | "pending" | "rejected" | "withdrawn";
                decidedBy: string | null;
                decisionReason: string | null;
                createdAt: string;
                expiresAt: string;
                decidedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        withdraw: TRPCMutationProcedure<{
            input: {
                approvalId: string;
            };
            output: {
                id: string;
                kind: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion";
                subjectType: string;
                subjectId: string;
                payload: Record<string, unknown>;
                reason: string;
                requestedBy: string;
                status: "approved" | "expired" | "pending" | "rejected" | "withdrawn";
                decidedBy: string | null;
                decisionReason: string | null;
                createdAt: string;
                expiresAt: string;
                decidedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    definitions: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: void;
            output: {
                items: {
                    featureId: string;
                    title: string;
                    description: string;
                    iconUrl: string | null;
                    category: "image" | "text" | "video";
                    accessScope: "plan" | "whitelist";
                    planRequired: number | null;
                    allowedAccounts: string[] | null;
                    launchPlan: string | null;
                    isEnabled: boolean;
                    quotaCost: number;
                    rateLimitPolicy: {
                        maxPerHour: number;
                        maxPerDay: number;
                        cooldownSeconds: number;
                    } | null;
                    formVersion: number;
                    pipelineVersion: number;
                    outputType: "multiImage" | "singleImage" | "textBundle" | "video" | "zip";
                    expectedOutputs: number | null;
                    aiGenerated: boolean;
                    saveToAssetLibrary: boolean;
                    displayOrder: number;
                    weeklyBudgetFen: number | null;
                    revision: number;
                    updatedAt: string;
                    deletedAt: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                featureId: string;
            };
            output: {
                feature: {
                    featureId: string;
                    title: string;
                    description: string;
                    iconUrl: string | null;
                    category: "image" | "text" | "video";
                    accessScope: "plan" | "whitelist";
                    planRequired: number | null;
                    allowedAccounts: string[] | null;
                    launchPlan: string | null;
                    isEnabled: boolean;
                    quotaCost: number;
                    rateLimitPolicy: {
                        maxPerHour: number;
                        maxPerDay: number;
                        cooldownSeconds: number;
                    } | null;
                    formVersion: number;
                    pipelineVersion: number;
                    outputType: "multiImage" | "singleImage" | "textBundle" | "video" | "zip";
                    expectedOutputs: number | null;
                    aiGenerated: boolean;
                    saveToAssetLibrary: boolean;
                    displayOrder: number;
                    weeklyBudgetFen: number | null;
                    revision: number;
                    updatedAt: string;
                    deletedAt: string | null;
                } | null;
                versions: {
                    featureId: string;
                    kind: "form" | "pipeline";
                    version: number;
                    status: "archived" | "draft" | "published";
                    createdAt: string;
                    publishedAt: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        create: TRPCMutationProcedure<{
            input: {
                definition: Record<string, JsonValue>;
                acknowledge?: string[] | undefined;
            };
            output: {
                feature: {
                    featureId: string;
                    title: string;
                    description: string;
                    iconUrl: string | null;
                    category: "image" | "text" | "video";
                    accessScope: "plan" | "whitelist";
                    planRequired: number | null;
                    allowedAccounts: string[] | null;
                    launchPlan: string | null;
                    isEnabled: boolean;
                    quotaCost: number;
                    rateLimitPolicy: {
                        maxPerHour: number;
                        maxPerDay: number;
                        cooldownSeconds: number;
                    } | null;
                    formVersion: number;
                    pipelineVersion: number;
                    outputType: "multiImage" | "singleImage" | "textBundle" | "video" | "zip";
                    expectedOutputs: number | null;
                    aiGenerated: boolean;
                    saveToAssetLibrary: boolean;
                    displayOrder: number;
                    weeklyBudgetFen: number | null;
                    revision: number;
                    updatedAt: string;
                    deletedAt: string | null;
                };
                warnings: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        update: TRPCMutationProcedure<{
            input: {
                featureId: string;
                revision: number;
                changes: Record<string, JsonValue>;
                acknowledge?: string[] | undefined;
            };
            output: {
                feature: {
                    featureId: string;
                    title: string;
                    description: string;
                    iconUrl: string | null;
                    category: "image" | "text" | "video";
                    accessScope: "plan" | "whitelist";
                    planRequired: number | null;
                    allowedAccounts: string[] | null;
                    launchPlan: string | null;
                    isEnabled: boolean;
                    quotaCost: number;
                    rateLimitPolicy: {
                        maxPerHour: number;
                        maxPerDay: number;
                        cooldownSeconds: number;
                    } | null;
                    formVersion: number;
                    pipelineVersion: number;
                    outputType: "multiImage" | "singleImage" | "textBundle" | "video" | "zip";
                    expectedOutputs: number | null;
                    aiGenerated: boolean;
                    saveToAssetLibrary: boolean;
                    displayOrder: number;
                    weeklyBudgetFen: number | null;
                    revision: number;
                    updatedAt: string;
                    deletedAt: string | null;
                };
                warnings: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        remove: TRPCMutationProcedure<{
            input: {
                featureId: string;
            };
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        requestException: TRPCMutationProcedure<{
            input: {
                featureId: string;
                kind: "below_cost" | "free_feature";
                until: string;
                reason: string;
            };
            output: {
                id: string;
                kind: "below_cost" | "code_batch" | "compensation" | "free_feature" | "order_refund" | "promotion";
                subjectType: string;
                subjectId: string;
                payload: Record<string, unknown>;
                reason: string;
                requestedBy: string;
                status: "approved" | "expired" | "pending" | "rejected" | "withdrawn";
                decidedBy: string | null;
                decisionReason: string | null;
                createdAt: string;
                expiresAt: string;
                decidedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        saveDraft: TRPCMutationProcedure<{
            input: {
                featureId: string;
                kind: "form" | "pipeline";
                body: Record<string, JsonValue>;
                acknowledge?: string[] | undefined;
            };
            output: {
                featureId: string;
                kind: "form" | "pipeline";
                version: number;
                status: "archived" | "draft" | "published";
                createdAt: string;
                publishedAt: string | null;
                warnings: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        version: TRPCQueryProcedure<{
            input: {
                featureId: string;
                kind: "form" | "pipeline";
                version: number;
            };
            output: {
                featureId: string;
                kind: "form" | "pipeline";
                version: number;
                status: "archived" | "draft" | "published";
                createdAt: string;
                publishedAt: string | null;
                body: Record<string, JsonValue>;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        publish: TRPCMutationProcedure<{
            input: {
                featureId: string;
                kind: "form" | "pipeline";
                version: number;
                acknowledge?: string[] | undefined;
            };
            output: {
                featureId: string;
                kind: "form" | "pipeline";
                version: number;
                status: "archived" | "draft" | "published";
                createdAt: string;
                publishedAt: string | null;
                warnings: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        archive: TRPCMutationProcedure<{
            input: {
                featureId: string;
                kind: "form" | "pipeline";
                version: number;
            };
            output: {
                featureId: string;
                kind: "form" | "pipeline";
                version: number;
                status: "archived" | "draft" | "published";
                createdAt: string;
                publishedAt: string | null;
                warnings: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        export: TRPCQueryProcedure<{
            input: void;
            output: {
                format: "yunshang-definitions/1";
                providers: {
                    providerRef: string;
                    kind: "builtin" | "http" | "runninghub" | "scf" | "tencent_ci";
                    baseUrl: string | null;
                    weight: number;
                    timeoutSeconds: number;
                    maxConcurrency: number;
                    ratePerMinute: number | null;
                    unitCostMicroYuan: number;
                    isEnabled: boolean;
                    settings: Record<string, JsonValue> | null;
                }[];
                forms: {
                    featureId: string;
                    version: number;
                    status: "archived" | "draft" | "published";
                    body: Record<string, JsonValue>;
                }[];
                pipelines: {
                    featureId: string;
                    version: number;
                    status: "archived" | "draft" | "published";
                    body: Record<string, JsonValue>;
                }[];
                features: {
                    featureId: string;
                    title: string;
                    description: string;
                    iconUrl: string | null;
                    category: "image" | "text" | "video";
                    accessScope: "plan" | "whitelist";
                    planRequired: number | null;
                    allowedAccounts: string[] | null;
                    launchPlan: string | null;
                    isEnabled: boolean;
                    quotaCost: number;
                    rateLimitPolicy: {
                        maxPerHour: number;
                        maxPerDay: number;
                        cooldownSeconds: number;
                    } | null;
                    formVersion: number;
                    pipelineVersion: number;
                    outputType: "multiImage" | "singleImage" | "textBundle" | "video" | "zip";
                    expectedOutputs: number | null;
                    aiGenerated: boolean;
                    saveToAssetLibrary: boolean;
                    displayOrder: number;
                    weeklyBudgetFen: number | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        import: TRPCMutationProcedure<{
            input: {
                file: Record<string, JsonValue>;
                dryRun: boolean;
                acknowledge?: string[] | undefined;
            };
            output: {
                dryRun: boolean;
                changes: {
                    what: "feature" | "form" | "pipeline" | "provider";
                    id: string;
                    change: "changed" | "created";
                    fields: {
                        field: string;
                        before: JsonValue;
                        after: JsonValue;
                    }[];
                }[];
                warnings: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    providers: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: void;
            output: {
                items: {
                    providerRef: string;
                    kind: "builtin" | "http" | "runninghub" | "scf" | "tencent_ci";
                    baseUrl: string | null;
                    weight: number;
                    timeoutSeconds: number;
                    maxConcurrency: number;
                    ratePerMinute: number | null;
                    unitCostMicroYuan: number;
                    isEnabled: boolean;
                    settings: Record<string, JsonValue> | null;
                    revision: number;
                    credentials: Record<string, string> | null;
                    health: {
                        status: "degraded" | "down" | "up";
                        consecutiveFailures: number;
                        errorRate: number;
                        latencyMs: number;
                        lastCheckAt: string;
                    } | null;
                    updatedAt: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                providerRef: string;
            };
            output: {
                providerRef: string;
                kind: "builtin" | "http" | "runninghub" | "scf" | "tencent_ci";
                baseUrl: string | null;
                weight: number;
                timeoutSeconds: number;
                maxConcurrency: number;
                ratePerMinute: number | null;
                unitCostMicroYuan: number;
                isEnabled: boolean;
                settings: Record<string, JsonValue> | null;
                revision: number;
                credentials: Record<string, string> | null;
                health: {
                    status: "degraded" | "down" | "up";
                    consecutiveFailures: number;
                    errorRate: number;
                    latencyMs: number;
                    lastCheckAt: string;
                } | null;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        create: TRPCMutationProcedure<{
            input: {
                provider: Record<string, JsonValue>;
                credentials?: Record<string, string> | undefined;
                acknowledge?: string[] | undefined;
            };
            output: {
                provider: {
                    providerRef: string;
                    kind: "builtin" | "http" | "runninghub" | "scf" | "tencent_ci";
                    baseUrl: string | null;
                    weight: number;
                    timeoutSeconds: number;
                    maxConcurrency: number;
                    ratePerMinute: number | null;
                    unitCostMicroYuan: number;
                    isEnabled: boolean;
                    settings: Record<string, JsonValue> | null;
                    revision: number;
                    credentials: Record<string, string> | null;
                    health: {
                        status: "degraded" | "down" | "up";
                        consecutiveFailures: number;
                        errorRate: number;
                        latencyMs: number;
                        lastCheckAt: string;
                    } | null;
                    updatedAt: string;
                };
                warnings: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        update: TRPCMutationProcedure<{
            input: {
                providerRef: string;
                revision: number;
                changes: Record<string, JsonValue>;
                credentials?: Record<string, string> | null | undefined;
                acknowledge?: string[] | undefined;
            };
            output: {
                provider: {
                    providerRef: string;
                    kind: "builtin" | "http" | "runninghub" | "scf" | "tencent_ci";
                    baseUrl: string | null;
                    weight: number;
                    timeoutSeconds: number;
                    maxConcurrency: number;
                    ratePerMinute: number | null;
                    unitCostMicroYuan: number;
                    isEnabled: boolean;
                    settings: Record<string, JsonValue> | null;
                    revision: number;
                    credentials: Record<string, string> | null;
                    health: {
                        status: "degraded" | "down" | "up";
                        consecutiveFailures: number;
                        errorRate: number;
                        latencyMs: number;
                        lastCheckAt: string;
                    } | null;
                    updatedAt: string;
                };
                warnings: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        remove: TRPCMutationProcedure<{
            input: {
                providerRef: string;
            };
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    guard: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        lastReport: TRPCQueryProcedure<{
            input: void;
            output: {
                id: string;
                createdAt: string;
                durationMs: number;
                report: {
                    version: 1;
                    verdict: "FAIL" | "PASS" | "PASS-WITH-WARNING" | "UNJUDGED";
                    checked: {
                        items: number;
                        rules: number;
                    };
                    findings: {
                        ruleId: string;
                        severity: "FAIL" | "WARNING";
                        message: {
                            zh: string;
                            en: string;
                        };
                        where: {
                            file: string;
                            line: number;
                            column: number;
                            endLine?: number | undefined;
                            endColumn?: number | undefined;
                        } | {
                            path: string;
                        } | {
                            table: string;
                            object?: string | undefined;
                            row?: string | undefined;
                        };
                        evidence: string[];
                    }[];
                    unjudged: {
                        where: {
                            file: string;
                            line: number;
                            column: number;
                            endLine?: number | undefined;
                            endColumn?: number | undefined;
                        } | {
                            path: string;
                        } | {
                            table: string;
                            object?: string | undefined;
                            row?: string | undefined;
                        };
                        reason: {
                            zh: string;
                            en: string;
                        };
                    }[];
                    suppressed: {
                        finding: {
                            ruleId: string;
                            severity: "FAIL" | "WARNING";
                            message: {
                                zh: string;
                                en: string;
                            };
                            where: {
                                file: string;
                                line: number;
                                column: number;
                                endLine?: number | undefined;
                                endColumn?: number | undefined;
                            } | {
                                path: string;
                            } | {
                                table: string;
                                object?: string | undefined;
                                row?: string | undefined;
                            };
                            evidence: string[];
                        };
                        reason: string;
                    }[];
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        reports: TRPCQueryProcedure<{
            input: {
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    createdAt: string;
                    verdict: "FAIL" | "PASS" | "PASS-WITH-WARNING" | "UNJUDGED";
                    failures: number;
                    warnings: number;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        report: TRPCQueryProcedure<{
            input: {
                reportId: string;
            };
            output: {
                id: string;
                createdAt: string;
                durationMs: number;
                report: {
                    version: 1;
                    verdict: "FAIL" | "PASS" | "PASS-WITH-WARNING" | "UNJUDGED";
                    checked: {
                        items: number;
                        rules: number;
                    };
                    findings: {
                        ruleId: string;
                        severity: "FAIL" | "WARNING";
                        message: {
                            zh: string;
                            en: string;
                        };
                        where: {
                            file: string;
                            line: number;
                            column: number;
                            endLine?: number | undefined;
                            endColumn?: number | undefined;
                        } | {
                            path: string;
                        } | {
                            table: string;
                            object?: string | undefined;
                            row?: string | undefined;
                        };
                        evidence: string[];
                    }[];
                    unjudged: {
                        where: {
                            file: string;
                            line: number;
                            column: number;
                            endLine?: number | undefined;
                            endColumn?: number | undefined;
                        } | {
                            path: string;
                        } | {
                            table: string;
                            object?: string | undefined;
                            row?: string | undefined;
                        };
                        reason: {
                            zh: string;
                            en: string;
                        };
                    }[];
                    suppressed: {
                        finding: {
                            ruleId: string;
                            severity: "FAIL" | "WARNING";
                            message: {
                                zh: string;
                                en: string;
                            };
                            where: {
                                file: string;
                                line: number;
                                column: number;
                                endLine?: number | undefined;
                                endColumn?: number | undefined;
                            } | {
                                path: string;
                            } | {
                                table: string;
                                object?: string | undefined;
                                row?: string | undefined;
                            };
                            evidence: string[];
                        };
                        reason: string;
                    }[];
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        reviewDraft: TRPCMutationProcedure<{
            input: {
                draft: Record<string, JsonValue>;
            };
            output: {
                outcome: "accepted" | "acknowledge" | "refused";
                acknowledge: string[];
                failures: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
                warnings: {
                    field: string;
                    rule: string;
                    zh: string;
                    en: string;
                    mend?: {
                        zh: string;
                        en: string;
                    } | undefined;
                    evidence?: string[] | undefined;
                }[];
                report: {
                    version: 1;
                    verdict: "FAIL" | "PASS" | "PASS-WITH-WARNING" | "UNJUDGED";
                    checked: {
                        items: number;
                        rules: number;
                    };
                    findings: {
                        ruleId: string;
                        severity: "FAIL" | "WARNING";
                        message: {
                            zh: string;
                            en: string;
                        };
                        where: {
                            file: string;
                            line: number;
                            column: number;
                            endLine?: number | undefined;
                            endColumn?: number | undefined;
                        } | {
                            path: string;
                        } | {
                            table: string;
                            object?: string | undefined;
                            row?: string | undefined;
                        };
                        evidence: string[];
                    }[];
                    unjudged: {
                        where: {
                            file: string;
                            line: number;
                            column: number;
                            endLine?: number | undefined;
                            endColumn?: number | undefined;
                        } | {
                            path: string;
                        } | {
                            table: string;
                            object?: string | undefined;
                            row?: string | undefined;
                        };
                        reason: {
                            zh: string;
                            en: string;
                        };
                    }[];
                    suppressed: {
                        finding: {
                            ruleId: string;
                            severity: "FAIL" | "WARNING";
                            message: {
                                zh: string;
                                en: string;
                            };
                            where: {
                                file: string;
                                line: number;
                                column: number;
                                endLine?: number | undefined;
                                endColumn?: number | undefined;
                            } | {
                                path: string;
                            } | {
                                table: string;
                                object?: string | undefined;
                                row?: string | undefined;
                            };
                            evidence: string[];
                        };
                        reason: string;
                    }[];
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    jobs: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        dead: TRPCQueryProcedure<{
            input: {
                cursor?: number | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: number;
                    job: string;
                    subjectId: string | null;
                    attempts: number;
                    failures: number;
                    lastError: string | null;
                    createdAt: string;
                    deadAt: string;
                }[];
                nextCursor: number | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        replay: TRPCMutationProcedure<{
            input: {
                jobId: number;
            };
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        discard: TRPCMutationProcedure<{
            input: {
                jobId: number;
                reason: string;
            };
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    costs: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                taskId?: string | undefined;
                userId?: string | undefined;
                item?: string | undefined;
                cursor?: number | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: number;
                    kind: "correction" | "estimate" | "settlement";
                    item: string;
                    vendor: string;
                    amountMicroYuan: number;
                    taskId: string | null;
                    featureId: string | null;
                    userId: string | null;
                    orderId: string | null;
                    occurredAt: string;
                    postedAt: string;
                }[];
                nextCursor: number | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        summary: TRPCQueryProcedure<{
            input: {
                from: string;
                to: string;
            };
            output: {
                items: {
                    item: string;
                    entries: number;
                    estimatedMicroYuan: number;
                    settledMicroYuan: number;
                    totalMicroYuan: number;
                }[];
                totalMicroYuan: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        margin: TRPCQueryProcedure<{
            input: {
                from: string;
                to: string;
                by: "feature" | "plan" | "user";
                featureId?: string | undefined;
                userId?: string | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    key: string | null;
                    charges: number;
                    quota: number;
                    revenueMicroYuan: number;
                    costMicroYuan: number;
                    marginMicroYuan: number;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        recordTopUp: TRPCMutationProcedure<{
            input: {
                account: string;
                microYuan?: number | undefined;
                coins?: number | undefined;
                at: string;
                note: string;
            };
            output: {
                id: string;
                account: string;
                microYuan: number;
                coins: number;
                at: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    prices: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                item?: string | undefined;
                past?: boolean | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    item: string;
                    unit: "call" | "fen" | "gb_month" | "picture" | "segment";
                    microYuan: number;
                    validFrom: string;
                    validTo: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        add: TRPCMutationProcedure<{
            input: {
                item: string;
                microYuan: number;
                validFrom?: string | undefined;
                reason: string;
            };
            output: {
                id: string;
                item: string;
                unit: "call" | "fen" | "gb_month" | "picture" | "segment";
                microYuan: number;
                validFrom: string;
                validTo: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    budgets: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                day?: string | undefined;
            };
            output: {
                week: string;
                resetsAt: string;
                items: {
                    featureId: string | null;
                    title: string;
                    weeklyBudgetFen: number | null;
                    usedMicroYuan: number;
                    spentMicroYuan: number;
                    reservedMicroYuan: number;
                    usedPercent: number | null;
                    level: "full" | "warned" | "within";
                }[];
                revision: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        setGlobal: TRPCMutationProcedure<{
            input: {
                weeklyBudgetFen: number | null;
                revision: number;
                reason: string;
            };
            output: {
                weeklyBudgetFen: number | null;
                revision: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    audit: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                actorId?: string | undefined;
                action?: string | undefined;
                subjectType?: string | undefined;
                subjectId?: string | undefined;
                requestId?: string | undefined;
                from?: string | undefined;
                to?: string | undefined;
                cursor?: number | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: number;
                    at: string;
                    actorId: string | null;
                    actorRole: string;
                    action: string;
                    subjectType: string;
                    subjectId: string;
                    details: Record<string, unknown>;
                    requestId: string;
                    isSealed: boolean;
                }[];
                nextCursor: number | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        verify: TRPCMutationProcedure<{
            input: {
                behindBlock?: number | undefined;
            };
            output: {
                id: string;
                status: "broken" | "proven" | "waiting";
                requestedBy: string | null;
                createdAt: string;
                finishedAt: string | null;
                report: {
                    ok: boolean;
                    findings: {
                        kind: "anchor_differs" | "anchor_forged" | "anchor_missing" | "block_changed" | "block_missing" | "chain_cut" | "chain_rewritten" | "key_missing" | "row_changed" | "row_inserted" | "row_missing" | "row_not_sealed" | "row_repeated" | "trigger_missing";
                        where: string;
                        id: string;
                        detail: string;
                    }[];
                    more: boolean;
                    behind: number;
                    head: {
                        block: number;
                        chainHash: string;
                    };
                    blocks: number;
                    rows: Record<string, number>;
                    waiting: number;
                    anchors: Record<string, number>;
                    anchored: {
                        n: number;
                        at: string;
                        block: number;
                    } | null;
                    later: number;
                    seconds: number;
                } | null;
                verdict: {
                    zh: string;
                    en: string;
                } | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        verifications: TRPCQueryProcedure<{
            input: void;
            output: {
                items: {
                    id: string;
                    status: "broken" | "proven" | "waiting";
                    requestedBy: string | null;
                    createdAt: string;
                    finishedAt: string | null;
                    report: {
                        ok: boolean;
                        findings: {
                            kind: "anchor_differs" | "anchor_forged" | "anchor_missing" | "block_changed" | "block_missing" | "chain_cut" | "chain_rewritten" | "key_missing" | "row_changed" | "row_inserted" | "row_missing" | "row_not_sealed" | "row_repeated" | "trigger_missing";
                            where: string;
                            id: string;
                            detail: string;
                        }[];
                        more: boolean;
                        behind: number;
                        head: {
                            block: number;
                            chainHash: string;
                        };
                        blocks: number;
                        rows: Record<string, number>;
                        waiting: number;
                        anchors: Record<string, number>;
                        anchored: {
                            n: number;
                            at: string;
                            block: number;
                        } | null;
                        later: number;
                        seconds: number;
                    } | null;
                    verdict: {
                        zh: string;
                        en: string;
                    } | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    notices: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    kind: "low_quota";
                    title: {
                        zh: string;
                        en: string;
                    };
                    text: {
                        zh: string;
                        en: string;
                    };
                    details: {
                        available: number;
                    };
                    createdAt: string;
                    readAt: string | null;
                }[];
                unread: number;
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        read: TRPCMutationProcedure<{
            input: {
                upTo: string;
            };
            output: {
                unread: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    alerts: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                open?: boolean | undefined;
                kind?: "amount_mismatch" | "audit_broken" | "audit_lag" | "budget_100" | "budget_80" | "fapiao_red_due" | "guard_failed" | "heavy_use" | "job.dead" | "late_payment" | "low_quota" | "provider_account" | "provider_down" | "reconciliation_exception" | "refund_abnormal" | "report_differs" | "sms_refused" | "target_test" | "unit_cost_up" | "vendor_account_low" | undefined;
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    kind: string;
                    title: {
                        zh: string;
                        en: string;
                    };
                    details: Record<string, string | number>;
                    createdAt: string;
                    acknowledgedAt: string | null;
                    acknowledgedBy: string | null;
                    note: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        deliveries: TRPCQueryProcedure<{
            input: {
                alertId: string;
            };
            output: {
                items: {
                    targetId: string;
                    status: "given_up" | "sent" | "waiting";
                    tries: number;
                    error: string | null;
                    triedAt: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        acknowledge: TRPCMutationProcedure<{
            input: {
                alertId: string;
                note?: string | undefined;
            };
            output: {
                id: string;
                kind: string;
                title: {
                    zh: string;
                    en: string;
                };
                details: Record<string, string | number>;
                createdAt: string;
                acknowledgedAt: string | null;
                acknowledgedBy: string | null;
                note: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    alertTargets: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: void;
            output: {
                items: {
                    id: string;
                    name: string;
                    format: "feishu" | "json" | "wecom";
                    host: string;
                    kinds: string[] | null;
                    isEnabled: boolean;
                    revision: number;
                    createdAt: string;
                    updatedAt: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        add: TRPCMutationProcedure<{
            input: {
                name: string;
                format: "feishu" | "json" | "wecom";
                url: string;
                secret?: string | undefined;
                kinds?: ("amount_mismatch" | "audit_broken" | "audit_lag" | "budget_100" | "budget_80" | "fapiao_red_due" | "guard_failed" | "heavy_use" | "job.dead" | "late_payment" | "low_quota" | "provider_account" | "provider_down" | "reconciliation_exception" | "refund_abnormal" | "report_differs" | "sms_refused" | "target_test" | "unit_cost_up" | "vendor_account_low")[] | null | undefined;
            };
            output: {
                id: string;
                name: string;
                format: "feishu" | "json" | "wecom";
                host: string;
                kinds: string[] | null;
                isEnabled: boolean;
                revision: number;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        update: TRPCMutationProcedure<{
            input: {
                targetId: string;
                revision: number;
                name?: string | undefined;
                url?: string | undefined;
                secret?: string | undefined;
                kinds?: ("amount_mismatch" | "audit_broken" | "audit_lag" | "budget_100" | "budget_80" | "fapiao_red_due" | "guard_failed" | "heavy_use" | "job.dead" | "late_payment" | "low_quota" | "provider_account" | "provider_down" | "reconciliation_exception" | "refund_abnormal" | "report_differs" | "sms_refused" | "target_test" | "unit_cost_up" | "vendor_account_low")[] | null | undefined;
                isEnabled?: boolean | undefined;
            };
            output: {
                id: string;
                name: string;
                format: "feishu" | "json" | "wecom";
                host: string;
                kinds: string[] | null;
                isEnabled: boolean;
                revision: number;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        remove: TRPCMutationProcedure<{
            input: {
                targetId: string;
            };
            output: {
                done: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        test: TRPCMutationProcedure<{
            input: {
                targetId: string;
            };
            output: {
                alertId: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    reports: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                kind: "day" | "month" | "year";
                cursor?: string | undefined;
                limit?: number | undefined;
            };
            output: {
                items: {
                    kind: "day" | "month" | "year";
                    period: string;
                    sha256: string;
                    closedAt: string;
                    closedBy: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        get: TRPCQueryProcedure<{
            input: {
                kind: "day" | "month" | "year";
                period: string;
            };
            output: {
                report: {
                    format: 1;
                    kind: "day" | "month" | "year";
                    period: string;
                    timeZone: "Asia/Shanghai";
                    from: string;
                    to: string;
                    ledgers: {
                        quotaLogs: {
                            rows: number;
                            upTo: number;
                        };
                        moneyEntries: {
                            rows: number;
                            upTo: number;
                        };
                        costEntries: {
                            rows: number;
                            upTo: number;
                        };
                    };
                    revenue: {
                        paidFen: number;
                        payments: number;
                        refundedFen: number;
                        refunds: number;
                        netFen: number;
                        ordersPaid: number;
                        unwantedFen: number;
                        unwantedPayments: number;
                    };
                    plans: {
                        paidFen: number;
                        payments: number;
                        refundedFen: number;
                        refunds: number;
                        netFen: number;
                        planId: string;
                    }[];
                    costs: {
                        microYuan: number;
                        fen: number;
                        vendorFeesMicroYuan: number;
                        entries: number;
                    };
                    costItems: {
                        item: string;
                        entries: number;
                        microYuan: number;
                        fen: number;
                    }[];
                    grossProfitFen: number;
                    quota: {
                        opening: number;
                        granted: {
                            purchase: number;
                            signup: number;
                            promotion: number;
                            compensation: number;
                        };
                        restored: number;
                        refunded: number;
                        spent: number;
                        expired: number;
                        clawedBack: number;
                        closing: number;
                    };
                    members: {
                        opening: number;
                        joined: number;
                        returned: number;
                        renewed: number;
                        upgraded: number;
                        lapsed: number;
                        endedByRefund: number;
                        closing: number;
                        served: number;
                    };
                    arpuFen: number | null;
                    features: {
                        featureId: string;
                        charges: number;
                        spentQuota: number;
                        refundedQuota: number;
                        costMicroYuan: number;
                        costFen: number;
                    }[];
                    corrections: {
                        of: string;
                        ledger: "costs" | "money" | "quota";
                        kind: string;
                        late: boolean;
                        rows: number;
                        amount: number;
                    }[];
                    series: {
                        period: string;
                        paidFen: number;
                        refundedFen: number;
                        netFen: number;
                        costMicroYuan: number;
                        spentQuota: number;
                    }[];
                };
                sha256: string;
                closedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        file: TRPCQueryProcedure<{
            input: {
                kind: "day" | "month" | "year";
                period: string;
                format: "csv" | "json" | "svg" | "xlsx";
            };
            output: {
                name: string;
                contentType: string;
                base64: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        close: TRPCMutationProcedure<{
            input: {
                day: string;
                reason: string;
            };
            output: {
                closed: {
                    kind: "day" | "month" | "year";
                    period: string;
                    sha256: string;
                    closedAt: string;
                    closedBy: string | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
}>>;
export type AppRouter = typeof appRouter;
