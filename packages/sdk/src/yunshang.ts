import { alertsOf, type AlertCalls } from './alerts.ts';
import { batchesOf, type BatchCalls } from './batches.ts';
import { keyed, reading, writing } from './calls.ts';
import { checkAnswers, type ChosenFiles } from './check-answers.ts';
import { createConnection, type Connection } from './connection.ts';
import { costsOf, type CostCalls } from './costs.ts';
import { reconciliationOf, type ReconciliationCalls } from './reconciliation.ts';
import { asYunshangError, clientError } from './errors.ts';
import { fapiaoOf, type FapiaoCalls } from './fapiao.ts';
import { type Finance, financeOf } from './finance.ts';
import { noticesOf, type NoticeCalls } from './notices.ts';
import { operatorOf, type Operator } from './operator.ts';
import { reportsOf, type ReportCalls } from './reports.ts';
import { pause } from './retry.ts';
import type { TokenStorage } from './storage.ts';
import type * as t from './types.ts';
import { putUpload, type Uploadable, type UploadOptions } from './upload.ts';
import { watchTask, type WatchOptions } from './watch.ts';
import type { FieldIssue } from './wire-types.ts';

export type CreateYunshang = {
  /** Where the API is, such as `https://api.example.com`. */
  baseUrl: string;
  /** Where tokens live; in memory unless given. */
  storage?: TokenStorage;
  /** In place of the global `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Told when the session has ended without `signOut`: show the sign-in page. */
  onSignedOut?: () => void;
  /** Longest wait for one answer, in ms; 30 000 unless given. Streams have none. */
  timeoutMs?: number;
};

export type WaitUntilPaidOptions = t.CallOptions & {
  /** Pause between two looks, in ms; 1 000 unless given. */
  everyMs?: number;
};

/**
 * A client of one person. Every method but features.check returns a promise and rejects with a YunshangError: `isYunshangError(error, code)`
 * tells them apart. Any method can reject with UNAUTHENTICATED, SESSION_ENDED, FORBIDDEN, RATE_LIMITED, SERVICE_UNAVAILABLE,
 * INTERNAL, NETWORK_ERROR, TIMEOUT and ABORTED; what else it can is said at each.
 */
export type Yunshang = Finance &
  Operator &
  CostCalls &
  FapiaoCalls &
  ReconciliationCalls &
  AlertCalls &
  ReportCalls &
  NoticeCalls & {
    auth: {
      /**
       * Sends a 6-digit code by text message. `phone` is E.164, such as `+8613800138000`. Answers how long the code is good
       * and when another can be asked for, in seconds. Rejects: INPUT_INVALID, SMS_TOO_FREQUENT (details.retryAfterSeconds),
       * SMS_UNAVAILABLE.
       */
      requestCode(input: { phone: string }, options?: t.CallOptions): Promise<t.CodeRequested>;
      /** Exchanges a code for a session, which this client keeps and renews. Rejects: SMS_CODE_INVALID, INPUT_INVALID. */
      signIn(input: { phone: string; code: string }, options?: t.CallOptions): Promise<{ userId: string }>;
      /** Ends the session here and at the server; without a network, here alone. */
      signOut(options?: t.CallOptions): Promise<void>;
      /** Whether a session is kept; the server may have ended it since. */
      isSignedIn(): Promise<boolean>;
      /** My sessions on all devices; `current` is this one. */
      sessions(options?: t.CallOptions): Promise<t.SessionItem[]>;
      /** Ends one of my sessions. Rejects: SESSION_NOT_FOUND. */
      endSession(sessionId: string, options?: t.CallOptions): Promise<void>;
    };
    account: {
      /** My account, with the membership in force or null. */
      get(options?: t.CallOptions): Promise<t.Account>;
      /** Agrees to text messages about low quota, one a day at most, or takes that back. Nobody has agreed at first. */
      setLowQuotaSms(agreed: boolean, options?: t.CallOptions): Promise<t.LowQuotaSms>;
    };
    plans: {
      /** Plans on sale, cheapest first. Needs no sign-in. */
      list(options?: t.CallOptions): Promise<t.Plan[]>;
    };
    orders: {
      /**
       * Orders a plan at the plan's price. By `channel`: show `codeUrl` as a QR code; hand `jsapi` to `wx.requestPayment` (needs `openid`);
       * or send the browser to `h5Url`. Ordering again what is not paid yet gives the same order, with something fresh to pay it with.
       * Rejects: PLAN_NOT_FOUND, PAYMENT_UNAVAILABLE, IDEMPOTENCY_KEY_REUSED.
       */
      create(input: t.CreateOrder, options?: t.KeyedOptions): Promise<t.Order>;
      /** Rejects: ORDER_NOT_FOUND. */
      get(orderId: string, options?: t.CallOptions): Promise<t.Order>;
      /** My orders, newest first; `nextCursor` is the next page's `cursor`, null at the end. */
      list(page?: t.OrdersPage, options?: t.CallOptions): Promise<t.OrderPage>;
      /** Resolves once the order is paid; rejects with ORDER_NOT_PAID once it no longer can be. Rejects: ORDER_NOT_FOUND. */
      waitUntilPaid(orderId: string, options?: WaitUntilPaidOptions): Promise<t.Order>;
    };
    quota: {
      /** What can be spent now, and the grants it comes from with their ends. Whole units. */
      balance(options?: t.CallOptions): Promise<t.Balance>;
      /** My ledger, newest first; `nextCursor` is the next page's `cursor`, null at the end. */
      history(page?: t.HistoryPage, options?: t.CallOptions): Promise<t.History>;
      /** The same as a CSV file, oldest first. Rejects: INPUT_INVALID when it has more than 10 000 rows. */
      export(filter?: t.HistoryFilter, options?: t.CallOptions): Promise<t.TextFile>;
      /**
       * Turns a redemption code into quota; the same key gives the same answer. Rejects: CODE_NOT_VALID, CODE_REDEEMED, CODE_EXPIRED,
       * CODE_USED_UP, CODE_LIMIT_REACHED; RATE_LIMITED after too many wrong guesses.
       */
      redeem(code: string, options?: t.KeyedOptions): Promise<t.Gift>;
      /** What I can claim now, or have claimed. */
      offers(options?: t.CallOptions): Promise<t.Offer[]>;
      /**
       * Claims the quota of a campaign. Rejects: CAMPAIGN_NOT_OPEN, CAMPAIGN_FULL, CAMPAIGN_NOT_ALLOWED, CAMPAIGN_CLAIMED,
       * CAMPAIGN_NOT_FOUND.
       */
      claim(campaignId: string, options?: t.KeyedOptions): Promise<t.Gift>;
    };
    features: {
      /** Features I may use. */
      list(options?: t.CallOptions): Promise<t.Feature[]>;
      /** The form to fill in for a task. Rejects: FEATURE_NOT_FOUND, MEMBERSHIP_REQUIRED, PLAN_LEVEL_TOO_LOW, FEATURE_NOT_ALLOWED. */
      form(featureId: string, options?: t.CallOptions): Promise<t.FeatureForm>;
      /**
       * What is wrong with answers to a form, without a call: the server's own check, except that it alone knows whether uploaded
       * files are there. `files` are chosen and not uploaded yet, by field: a File as it is, with pixels when known. Empty: send it.
       */
      check(
        form: Pick<t.FeatureForm, 'fields'>,
        answers: Readonly<Record<string, unknown>>,
        files?: ChosenFiles,
      ): FieldIssue[];
    };
    uploads: {
      /**
       * Uploads a picture of at most 10 MB straight to the bucket; its `id` answers an image field of a form.
       * Rejects: IMAGE_REFUSED (details.issues), INPUT_INVALID, UPLOAD_FAILED, STORAGE_UNAVAILABLE.
       */
      put(file: Uploadable, options?: UploadOptions): Promise<t.Asset>;
    };
    tasks: {
      /**
       * Pays for a task and puts it to work; quota is taken at once and given back if the work fails. Repeating a call with
       * the same key never pays twice. Rejects: FORM_INVALID (details.issues), QUOTA_INSUFFICIENT (details.required, available),
       * MEMBERSHIP_REQUIRED, PLAN_LEVEL_TOO_LOW, FEATURE_NOT_ALLOWED, FEATURE_NOT_FOUND, FEATURE_RATE_LIMITED, FEATURE_COOLDOWN,
       * PROVIDERS_DOWN, BUDGET_EXCEEDED (details.resetsAt), IDEMPOTENCY_KEY_REUSED.
       */
      create(input: t.CreateTask, options?: t.KeyedOptions): Promise<t.Task>;
      /** Rejects: TASK_NOT_FOUND. */
      get(taskId: string, options?: t.CallOptions): Promise<t.Task>;
      /** My tasks, newest first; `nextCursor` is the next page's `cursor`, null at the end. */
      list(filter?: t.TaskFilter, options?: t.CallOptions): Promise<t.TaskPage>;
      /** Cancels a task that has not begun and gives its quota back. Rejects: TASK_NOT_FOUND, STATE_CONFLICT. */
      cancel(taskId: string, options?: t.CallOptions): Promise<t.Task>;
      /**
       * Moves of a task as they happen, from the first to the last. Survives lost connections and restarted servers without
       * missing or repeating one. Rejects: TASK_NOT_FOUND.
       */
      watch(taskId: string, options?: WatchOptions): AsyncIterable<t.TaskEvent>;
      /** Resolves with the task once it has ended: look at `status`, `failure` and `charge`. Rejects: TASK_NOT_FOUND. */
      wait(taskId: string, options?: t.CallOptions & { onEvent?: (event: t.TaskEvent) => void }): Promise<t.Task>;
    };
    batches: BatchCalls;
    assets: {
      /** My pictures, newest first: results unless `kind` is `upload`. */
      list(filter?: t.AssetFilter, options?: t.CallOptions): Promise<t.AssetPage>;
      /** A signed address of the file and when it stops working. Rejects: ASSET_NOT_FOUND. */
      link(assetId: string, options?: t.CallOptions): Promise<t.Download>;
      /** What one accepts who wants a file without its visible label. */
      labelStatement(options?: t.CallOptions): Promise<t.LabelStatement>;
      /**
       * The same for the file without its visible label, for who accepts the statement of this version. Rejects: CONSENT_REQUIRED,
       * STATE_CONFLICT when there is no such version, ASSET_NOT_FOUND.
       */
      linkUnlabelled(assetId: string, acceptedStatement?: number, options?: t.CallOptions): Promise<t.Download>;
      /** Deletes the file for good; again is harmless. Rejects: STATE_CONFLICT while a task works with it, ASSET_NOT_FOUND. */
      remove(assetId: string, options?: t.CallOptions): Promise<void>;
      /** The file's bytes. Rejects: ASSET_NOT_FOUND, NETWORK_ERROR. */
      download(assetId: string, options?: t.CallOptions): Promise<Uint8Array<ArrayBuffer>>;
    };
  };

/** A client of the Yunshang API; runs in browsers and in Node 20 and later. */
export function createYunshang(options: CreateYunshang): Yunshang {
  const connection = createConnection(options);
  return {
    auth: authOf(connection),
    ...accountOf(connection),
    orders: ordersOf(connection),
    tasks: tasksOf(connection),
    batches: batchesOf(connection),
    uploads: { put: (file, call = {}) => putUpload(connection, file, call) },
    assets: assetsOf(connection),
    ...financeOf(connection),
    ...operatorOf(connection),
    ...costsOf(connection),
    ...fapiaoOf(connection),
    ...reconciliationOf(connection),
    ...alertsOf(connection),
    ...reportsOf(connection),
    ...noticesOf(connection),
  };
}

function authOf({ call, session }: Connection): Yunshang['auth'] {
  return {
    requestCode: (input, options) => call((trpc, o) => trpc.auth.requestCode.mutate(input, o), writing(options)),
    signIn: async (input, options) => {
      const tokens = await call((trpc, o) => trpc.auth.signIn.mutate(input, o), writing(options));
      await session.keep(tokens);
      return { userId: tokens.userId };
    },
    signOut: async (options) => {
      await call((trpc, o) => trpc.auth.signOut.mutate(undefined, o), writing(options)).catch((thrown: unknown) => {
        if (asYunshangError(thrown).code === 'ABORTED') throw thrown;
      });
      await session.forget();
    },
    isSignedIn: async () => session.isKept(),
    sessions: async (options) =>
      (await call((trpc, o) => trpc.auth.sessions.query(undefined, o), reading(options))).items,
    endSession: async (sessionId, options) => {
      await call((trpc, o) => trpc.auth.endSession.mutate({ sessionId }, o), writing(options));
    },
  };
}

function accountOf({ call }: Connection): Pick<Yunshang, 'account' | 'plans' | 'quota' | 'features'> {
  return {
    account: {
      get: (options) => call((trpc, o) => trpc.account.get.query(undefined, o), reading(options)),
      setLowQuotaSms: (agreed, options) =>
        call((trpc, o) => trpc.account.setLowQuotaSms.mutate({ agreed }, o), writing(options)),
    },
    plans: {
      list: async (options) => (await call((trpc, o) => trpc.plans.list.query(undefined, o), reading(options))).items,
    },
    quota: {
      balance: (options) => call((trpc, o) => trpc.quota.balance.query(undefined, o), reading(options)),
      history: (page = {}, options) => call((trpc, o) => trpc.quota.history.query(page, o), reading(options)),
      export: (filter = {}, options) => call((trpc, o) => trpc.quota.export.query(filter, o), reading(options)),
      redeem: (code, options) => call((trpc, o) => trpc.codes.redeem.mutate({ code }, o), keyed(options)),
      offers: async (options) =>
        (await call((trpc, o) => trpc.campaigns.offers.query(undefined, o), reading(options))).items,
      claim: (campaignId, options) => call((trpc, o) => trpc.campaigns.claim.mutate({ campaignId }, o), keyed(options)),
    },
    features: {
      list: async (options) =>
        (await call((trpc, o) => trpc.features.list.query(undefined, o), reading(options))).items,
      form: (featureId, options) => call((trpc, o) => trpc.features.form.query({ featureId }, o), reading(options)),
      check: checkAnswers,
    },
  };
}

function ordersOf({ call }: Connection): Yunshang['orders'] {
  const get: Yunshang['orders']['get'] = (orderId, options) =>
    call((trpc, o) => trpc.orders.get.query({ orderId }, o), reading(options));
  return {
    get,
    list: (page = {}, options) => call((trpc, o) => trpc.orders.list.query(page, o), reading(options)),
    create: (input, options) => call((trpc, o) => trpc.orders.create.mutate(input, o), keyed(options)),
    waitUntilPaid: async (orderId, options = {}) => {
      const { everyMs = 1_000, signal } = options;
      for (;;) {
        const order = await get(orderId, options);
        if (order.paidAt !== null) return order;
        if (order.status !== 'pending') throw clientError('ORDER_NOT_PAID', { cause: order });
        await pause(everyMs, signal);
      }
    },
  };
}

function tasksOf(connection: Connection): Yunshang['tasks'] {
  const { call } = connection;
  const get: Yunshang['tasks']['get'] = (taskId, options) =>
    call((trpc, o) => trpc.tasks.get.query({ taskId }, o), reading(options));
  const watch: Yunshang['tasks']['watch'] = (taskId, options = {}) => watchTask(connection, taskId, options);
  return {
    get,
    watch,
    create: (input, options) => call((trpc, o) => trpc.tasks.create.mutate(input, o), keyed(options)),
    list: (filter = {}, options) => call((trpc, o) => trpc.tasks.list.query(filter, o), reading(options)),
    cancel: (taskId, options) => call((trpc, o) => trpc.tasks.cancel.mutate({ taskId }, o), writing(options)),
    wait: async (taskId, options = {}) => {
      for await (const event of watch(taskId, options)) options.onEvent?.(event);
      return get(taskId, options);
    },
  };
}

function assetsOf({ call, fetch }: Connection): Yunshang['assets'] {
  const link: Yunshang['assets']['link'] = (assetId, options) =>
    call((trpc, o) => trpc.assets.download.query({ assetId }, o), reading(options));
  return {
    link,
    list: (filter = {}, options) => call((trpc, o) => trpc.assets.list.query(filter, o), reading(options)),
    labelStatement: (options) => call((trpc, o) => trpc.assets.labelStatement.query(undefined, o), reading(options)),
    linkUnlabelled: (assetId, acceptedStatement, options) =>
      call(
        (trpc, o) =>
          trpc.assets.downloadUnlabelled.mutate(
            acceptedStatement === undefined ? { assetId } : { assetId, acceptedStatement },
            o,
          ),
        writing(options),
      ),
    remove: async (assetId, options) => {
      await call((trpc, o) => trpc.assets.remove.mutate({ assetId }, o), writing(options));
    },
    download: async (assetId, options) => {
      const { url } = await link(assetId, options);
      const response = await fetch(url, options?.signal === undefined ? {} : { signal: options.signal }).catch(
        (cause: unknown) => {
          throw clientError(options?.signal?.aborted ? 'ABORTED' : 'NETWORK_ERROR', { cause });
        },
      );
      if (!response.ok) throw clientError('NETWORK_ERROR', { status: response.status });
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
