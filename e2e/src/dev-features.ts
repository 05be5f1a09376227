// The `dev` task of this room: once server and sandbox are up, enters the sandbox's RunningHub accounts and switches every feature
// on, so that all five can be tried at once. Does nothing when that has been done.
import { connect } from '@yunshang/db';
import {
  appEnvironment,
  credentialsFile,
  readDevPlan,
  readVendorSettings,
  sandboxControl,
  until,
  type DevPlan,
} from '@yunshang/devstack';
import { admin, enterHubs, type Desk } from './operate.ts';

const PATIENT = { timeoutMs: 120_000, everyMs: 250 };
const local = (port: number): string => `http://127.0.0.1:${port}`;

const plan = await until(readDevPlan, { ...PATIENT, what: 'the dev services' });
await until(() => isReady(plan), { ...PATIENT, what: 'server and sandbox' });
if (!(await isDone(plan))) {
  const desk = deskOf(plan);
  const ys = await admin(desk);
  await enterHubs(ys, desk);
  const { accountId } = await ys.account.get();
  for (const { featureId, revision, isEnabled, accessScope, allowedAccounts } of await ys.definitions.list()) {
    if (isEnabled) continue;
    const invited = accessScope === 'whitelist' ? { allowedAccounts: [...(allowedAccounts ?? []), accountId] } : {};
    await ys.definitions.update({ featureId, revision, changes: { isEnabled: true, ...invited } });
  }
}
console.log('all five features are on; video_generate_beta is for the accounts on its whitelist');

function deskOf({ ports, databaseUrl, redisUrl }: DevPlan): Desk {
  const settings = readVendorSettings(credentialsFile);
  const [url, publicUrl] = [local(ports.sandbox), local(ports.server)];
  return {
    server: { url: publicUrl },
    sandbox: { url, settings, control: sandboxControl(url) },
    environment: appEnvironment({ databaseUrl, redisUrl, publicUrl, vendorUrl: url, settings }),
  };
}

async function isReady({ ports }: DevPlan): Promise<boolean> {
  const answers = [`${local(ports.server)}/health/ready`, local(ports.sandbox)].map((url) =>
    fetch(url).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
  return (await Promise.all(answers)).every(Boolean);
}

/** By the rows, since a sign-in costs one of the ten codes that a phone gets in a day. */
async function isDone({ databaseUrl, ports }: DevPlan): Promise<boolean> {
  const database = connect(databaseUrl, { connectionLimit: 1 });
  try {
    const hubs = await database.db
      .selectFrom('provider_endpoints')
      .select(['is_enabled', 'base_url'])
      .where('kind', '=', 'runninghub')
      .execute();
    return hubs.every((hub) => hub.is_enabled === 1 && hub.base_url === local(ports.sandbox));
  } finally {
    await database.close();
  }
}
