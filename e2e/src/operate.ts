import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Stack } from '@yunshang/devstack';
import { createYunshang, type Yunshang } from '@yunshang/sdk';

/** Where an operator works: a stack, or what `bin/dev` has started. */
export type Desk = Pick<Stack, 'environment'> & {
  server: Pick<Stack['server'], 'url'>;
  sandbox: Pick<Stack['sandbox'], 'url' | 'settings' | 'control'>;
};

const ROOT = new URL('../../', import.meta.url).pathname;
const ADMIN = '+8613811112222';

/** An admin, made by the command and signed in by SMS like anybody. */
export async function admin(stack: Desk, phone = ADMIN): Promise<Yunshang> {
  const args = ['--conditions=yunshang-src', 'apps/server/src/make-admin.ts', phone];
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...stack.environment } });
  const ys = createYunshang({ baseUrl: stack.server.url });
  await ys.auth.requestCode({ phone });
  await ys.auth.signIn({ phone, code: await stack.sandbox.control.smsCode(phone) });
  return ys;
}

function node(nodeId: string, fieldName: string, from: string) {
  return { nodeId, fieldName, from };
}

function workflows(stack: Desk, account: 'A' | 'B') {
  const { settings } = stack.sandbox;
  return {
    'model.pose12': {
      workflowId: account === 'A' ? settings.runninghubPoseWorkflowA : settings.runninghubPoseWorkflowB,
      nodes: [node('10', 'image', 'image'), node('20', 'text', 'gender'), node('30', 'text', 'scene')],
      outputs: [{ name: 'images', kind: 'image', many: true }],
    },
    'garment.video': {
      workflowId: account === 'A' ? settings.runninghubVideoWorkflowA : settings.runninghubVideoWorkflowB,
      nodes: [node('10', 'image', 'image'), node('20', 'text', 'motion'), node('30', 'text', 'prompt')],
      outputs: [{ name: 'video', kind: 'video' }],
    },
  };
}

/** Enters the sandbox's two RunningHub accounts by the operator's API. */
export async function enterHubs(ys: Yunshang, stack: Desk): Promise<void> {
  const { hostname } = new URL(stack.sandbox.url);
  for (const account of ['A', 'B'] as const) {
    const providerRef = `runninghub-${account.toLowerCase()}`;
    const { revision } = await ys.providers.get(providerRef);
    const apiKey = account === 'A' ? stack.sandbox.settings.runninghubKeyA : stack.sandbox.settings.runninghubKeyB;
    const settings = { workflows: workflows(stack, account), resultHosts: [hostname] };
    const changes = { isEnabled: true, baseUrl: stack.sandbox.url, settings };
    await ys.providers.update({ providerRef, revision, changes, credentials: { apiKey } });
  }
}

const LOOSE = { maxPerHour: 1_000, maxPerDay: 1_000, cooldownSeconds: 0 };

/** Enters the RunningHub accounts and switches all five features on, by the operator's API alone. */
export async function openEverything(ys: Yunshang, stack: Desk, accountId: string): Promise<number> {
  await enterHubs(ys, stack);
  const features = await ys.definitions.list();
  for (const { featureId, revision, accessScope } of features) {
    // The demo makes several in a row; the limits have tests of their own. The guard warns that these are loose.
    const changes = { isEnabled: true, rateLimitPolicy: LOOSE };
    const invited = accessScope === 'whitelist' ? { allowedAccounts: [accountId] } : {};
    const acknowledge = ['BG121', 'BG122'];
    await ys.definitions.update({ featureId, revision, changes: { ...changes, ...invited }, acknowledge });
  }
  return features.length;
}
