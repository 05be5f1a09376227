import { createImageEngine } from '@yunshang/image-engine';
import Fastify, { type FastifyInstance } from 'fastify';
import { pictureOperation } from './ci/operations.ts';
import { remembering } from './ci/processor.ts';
import { createCallLog, type CallLog } from './call-log.ts';
import { assertNotProduction, type SandboxConfig } from './config.ts';
import { registerControl } from './control/control.routes.ts';
import { refuseOutside, registerCos } from './cos/cos.routes.ts';
import { createMultipart, type Multipart } from './cos/multipart.ts';
import { createObjectStore, type ObjectStore } from './cos/object-store.ts';
import { storageOperation } from './cos/operations.ts';
import { createFaultBoard, type FaultBoard } from './faults.ts';
import { acceptAnyContentType } from './http.ts';
import { registerHome } from './home.routes.ts';
import { registerImsControl } from './ims/control.routes.ts';
import { imageModerationAction } from './ims/image-moderation.ts';
import { createVerdicts, type Verdicts } from './ims/verdicts.ts';
import { registerRobotControl } from './robots/control.routes.ts';
import { createRobots, type Robots } from './robots/robots.ts';
import { registerRobots } from './robots/robots.routes.ts';
import { registerSmsControl } from './sms/control.routes.ts';
import { createOutbox, type Outbox } from './sms/outbox.ts';
import { createPackageBook, type PackageBook } from './sms/package-book.ts';
import { smsStatisticsActions } from './sms/statistics.ts';
import { registerOutboxPage } from './sms/outbox.routes.ts';
import { createRunningHub, type RunningHub } from './runninghub/hub.ts';
import { registerHubControl } from './runninghub/control.routes.ts';
import { registerHubResults } from './runninghub/results.routes.ts';
import { registerHubV1 } from './runninghub/v1.routes.ts';
import { registerHubV2 } from './runninghub/v2.routes.ts';
import { registerScfControl } from './scf/control.routes.ts';
import { scfActions } from './scf/invoke.ts';
import { createFunctionPlatform, type FunctionPlatform } from './scf/platform.ts';
import { registerCallbackRelay } from './scf/relay.routes.ts';
import { sendSmsAction } from './sms/send-sms.ts';
import { getFederationTokenAction } from './sts/get-federation-token.ts';
import { createTemporaryKeys, type TemporaryKeys } from './sts/temporary-keys.ts';
import { registerTencentApi } from './tencent/api.routes.ts';
import { VendorError } from './vendor-call.ts';
import { registerBills } from './wechat/bills.routes.ts';
import { registerPayPage } from './wechat/pay-page.routes.ts';
import { registerRefunds } from './wechat/refunds.routes.ts';
import { isMerchantPath, registerTransactions } from './wechat/transactions.routes.ts';
import { createWechat, type Wechat } from './wechat/wechat.ts';

/** Beyond this an upload is refused before the vendor's own limits are asked. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

const TOO_LARGE = new VendorError(400, 'EntityTooLarge', 'The request body exceeds what the sandbox keeps.');
const UNREADABLE_URL = new VendorError(400, 'InvalidURI', 'Could not parse the specified URI.');
const NO_SUCH_BUCKET = new VendorError(404, 'NoSuchBucket', 'The specified bucket does not exist.');

/** Everything the vendors remember; gone when the process ends. */
export type SandboxState = {
  config: SandboxConfig;
  now: () => Date;
  log: CallLog;
  faults: FaultBoard;
  wechat: Wechat;
  store: ObjectStore;
  multipart: Multipart;
  keys: TemporaryKeys;
  outbox: Outbox;
  packages: PackageBook;
  hub: RunningHub;
  platform: FunctionPlatform;
  verdicts: Verdicts;
  robots: Robots;
};

/** The vendors as one Fastify instance, not yet listening. Throws with NODE_ENV=production. */
export function createSandbox(
  config: SandboxConfig,
  options: { now?: () => Date } = {},
): { app: FastifyInstance; state: SandboxState } {
  assertNotProduction();
  const now = options.now ?? (() => new Date());
  const log = createCallLog(now);
  const faults = createFaultBoard();
  const store = createObjectStore(now);
  const state: SandboxState = {
    config,
    now,
    log,
    faults,
    wechat: createWechat({ config, faults, log, now }),
    store,
    multipart: createMultipart({ config, store, now }),
    keys: createTemporaryKeys(),
    outbox: createOutbox(),
    packages: createPackageBook(now),
    hub: createRunningHub({ config, faults, log, now }),
    platform: createFunctionPlatform({ config, faults, log, now }),
    verdicts: createVerdicts(),
    robots: createRobots(),
  };
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    frameworkErrors(_error, request, reply) {
      refuseOutside(request, reply, UNREADABLE_URL);
    },
    routerOptions: { maxParamLength: 5000 },
  });
  acceptAnyContentType(app);
  app.addHook('onClose', () => {
    state.wechat.reset();
    state.hub.reset();
    state.platform.close();
  });
  register(app, state);
  registerBucket(app, state);
  registerElsewhere(app);
  return { app, state };
}

function register(app: FastifyInstance, state: SandboxState): void {
  const { config, faults, log, outbox, packages, keys, now, platform, verdicts } = state;
  registerTransactions(app, state);
  registerRefunds(app, state);
  registerBills(app, state);
  registerPayPage(app, state);
  registerTencentApi(app, state, [
    sendSmsAction({ sms: config.sms, faults, outbox, packages, now }),
    ...smsStatisticsActions({ sms: config.sms, packages, now }),
    getFederationTokenAction({ keys, now }),
    ...scfActions({ functionsFolder: config.functions.folder, platform }),
    imageModerationAction({ faults, verdicts }),
  ]);
  registerCallbackRelay(app, { platform, log, now, notifyTimeoutMs: config.notifyTimeoutMs });
  registerScfControl(app, platform);
  registerImsControl(app, verdicts);
  registerRobots(app, state);
  registerRobotControl(app, state.robots);
  registerHubV1(app, state);
  registerHubV2(app, state);
  registerHubResults(app, state);
  registerHubControl(app, state.hub);
  registerOutboxPage(app, outbox);
  registerSmsControl(app, packages);
  registerControl(app, state);
  registerHome(app, state);
}

/** Storage and picture processing share the bucket's address; the engine's threads end with the app. */
function registerBucket(app: FastifyInstance, state: SandboxState): void {
  const engine = createImageEngine();
  app.addHook('onClose', () => engine.close());
  const ci = { store: state.store, faults: state.faults, engine: remembering(engine) };
  registerCos(app, state, (request) => pictureOperation(ci, request) ?? storageOperation(state, request));
}

/** Unknown addresses and requests that could not be read, in the shape the caller expects. */
function registerElsewhere(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const url = request.raw.url ?? '/';
    if (url.startsWith('/v3/')) return reply.code(isMerchantPath(url) ? 405 : 404).send();
    if (request.headers.authorization?.startsWith('q-sign-algorithm=') === true) {
      return refuseOutside(request, reply, NO_SUCH_BUCKET);
    }
    return reply.code(404).send({ error: { code: 'NOT_FOUND', message: `${request.method} ${url}` } });
  });
  app.setErrorHandler((error, request, reply) => {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
    if (tooLarge) return refuseOutside(request, reply, TOO_LARGE);
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return reply
      .code(500)
      .send({ error: { code: 'SANDBOX_BUG', message: 'the sandbox itself failed, see its stderr' } });
  });
}
