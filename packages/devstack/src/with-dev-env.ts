// The `dev` task of an app: waits for the services' plan, then runs the app with reload and everything it needs to know.
//   node with-dev-env.ts server|worker|sandbox
import { join } from 'node:path';
import { appEnvironment } from './app-environment.ts';
import { watchAncestors } from './ancestors.ts';
import { repositoryRoot, sourceCondition } from './config.ts';
import { credentialsFile, devFolder, readDevPlan, type DevApp, type DevPlan } from './dev-plan.ts';
import { spawnGuarded } from './guarded-process.ts';
import { until } from './poll.ts';
import { readVendorSettings, type VendorSettings } from './sandbox.ts';

const app = process.argv[2];
if (app !== 'server' && app !== 'worker' && app !== 'sandbox') {
  console.error('usage: with-dev-env server|worker|sandbox');
  process.exit(2);
}
const plan = await until(readDevPlan, {
  timeoutMs: 60_000,
  what: 'the dev services (turbo runs them beside the apps)',
});
const child = await spawnGuarded({
  command: process.execPath,
  args: [
    `--conditions=${sourceCondition}`,
    '--watch-preserve-output',
    '--watch',
    join(repositoryRoot, `apps/${app}/src/main.ts`),
  ],
  env: await environmentOf(app, plan),
});

const stop = (): void => void child.stop();
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
process.on('SIGHUP', stop);
watchAncestors(/turbo|pnpm|bin\/dev/, stop);
process.exitCode = await child.exited();

async function environmentOf(name: DevApp, { ports, databaseUrl, redisUrl }: DevPlan): Promise<Record<string, string>> {
  const PORT = String(ports[name]);
  if (name === 'sandbox') {
    // Nobody at a keyboard waits the minutes a real model takes.
    return { PORT, SANDBOX_CREDENTIALS_FILE: credentialsFile, SANDBOX_RUNNINGHUB_WORK_MS: '8000' };
  }
  const settings = await until(settingsIfThere, { timeoutMs: 60_000, what: "the sandbox's credentials" });
  const urls = { publicUrl: local(ports.server), vendorUrl: local(ports.sandbox) };
  const AUDIT_ANCHOR_DIR = join(devFolder, 'anchors');
  return { PORT, AUDIT_ANCHOR_DIR, ...appEnvironment({ databaseUrl, redisUrl, settings, ...urls }) };
}

function settingsIfThere(): VendorSettings | undefined {
  try {
    return readVendorSettings(credentialsFile);
  } catch {
    return undefined; // the sandbox's task has not written them yet, or is writing
  }
}

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}
