import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@yunshang/db';
import { startStack, until, type Stack } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { basicMember, smallPhoto } from '../src/members.ts';

let stack: Stack;
vi.setConfig({ testTimeout: 120_000 });
beforeAll(async () => {
  stack = await startStack({ timeScale: 0.01 });
});
afterAll(async () => stack?.stop());

const page = readFileSync(new URL('../../docs/operations/add-a-feature.md', import.meta.url), 'utf8');
const script = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '').join('\n');

/** The access token of somebody who was made an admin. */
async function adminToken(): Promise<string> {
  const phone = '+8613900139000';
  const post = async (path: string, body: object): Promise<{ userId: string; accessToken: string }> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${stack.server.url}/api${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const { data } = await answer.json();
    return data;
  };
  const signIn = async (): Promise<{ userId: string; accessToken: string }> => {
    await post('/auth/request-code', { phone });
    return post('/auth/sign-in', { phone, code: await stack.sandbox.control.smsCode(phone) });
  };
  const { userId } = await signIn();
  const database = connect(stack.databaseUrl);
  await database.db.updateTable('users').set({ role: 'admin' }).where('id', '=', userId).execute();
  await database.db.deleteFrom('sms_limits').execute();
  await database.close();
  return (await signIn()).accessToken;
}

test('the page puts a feature live by calls alone, and a member uses it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'add-a-feature-'));
  // A machine without curl has ours: last on the path.
  const path = `${process.env['PATH'] ?? ''}:${new URL('bin', import.meta.url).pathname}`;
  const env = { ...process.env, PATH: path, API: stack.server.url, TOKEN: await adminToken() };
  const run = promisify(execFile);
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env }).finally(() =>
    rmSync(folder, { recursive: true }),
  );
  const answers = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  expect(answers.every(({ success }) => success === true)).toBe(true);
  expect(answers.at(-1).data).toMatchObject({ dryRun: true, changes: [] });

  const ys = await basicMember(stack);
  await until(async () => (await ys.features.list()).some(({ featureId }) => featureId === 'garment_cutout'), {
    what: 'the feature to be seen',
  });
  const photo = await ys.uploads.put(await smallPhoto());
  const created = await ys.tasks.create({ featureId: 'garment_cutout', input: { photo: photo.id } });
  const task = await ys.tasks.wait(created.id);
  expect(task).toMatchObject({ status: 'succeeded', charge: { charged: 1 } });
  const [output] = task.outputs;
  const picture = await sharp(await ys.assets.download(output?.assetId ?? '')).metadata();
  expect(picture).toMatchObject({ format: 'png', hasAlpha: true });
  const database = connect(stack.databaseUrl);
  expect(await runDoctor(database.db, { now: new Date() })).toEqual([]);
  await database.close();
});
