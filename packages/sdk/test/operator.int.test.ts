import { afterAll, beforeAll, expect, it } from 'vitest';
import { createYunshang, isYunshangError, type Yunshang } from '../src/index.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let people = 0;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function signedIn(role: 'member' | 'operator'): Promise<Yunshang> {
  const ys = createYunshang({ baseUrl: server.url });
  const phone = `+861370000${String((people += 1)).padStart(4, '0')}`;
  const signIn = async (): Promise<string> => {
    await ys.auth.requestCode({ phone });
    return (await ys.auth.signIn({ phone, code: await server.sandbox.control.smsCode(phone) })).userId;
  };
  const userId = await signIn();
  if (role === 'member') return ys;
  await server.database.db.updateTable('users').set({ role }).where('id', '=', userId).execute();
  await server.database.db.deleteFrom('sms_limits').execute();
  await signIn();
  return ys;
}

const rejection = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

it('lets an operator make and publish versions, and tells what to mend', async () => {
  const ys = await signedIn('operator');
  const id = { featureId: 'by_sdk', kind: 'form' } as const;
  const form = {
    fields: [{ key: 'title', type: 'text', label: '标题', required: true, validation: { pattern: '(?=a)b' } }],
    submitButton: '开始',
    layout: 'vertical',
  };
  const error = await rejection(ys.definitions.saveDraft({ ...id, body: form }));
  if (!isYunshangError(error, 'DEFINITION_INVALID')) throw error;
  expect(error.details.issues).toMatchObject([
    { field: 'fields.0.validation.pattern', rule: 'pattern', mend: { zh: expect.stringContaining('RE2') } },
  ]);
  const body = { ...form, fields: form.fields.map((field) => ({ ...field, validation: { maxLength: 10 } })) };
  const draft = await ys.definitions.saveDraft({ ...id, body });
  expect(draft).toMatchObject({ version: 1, status: 'draft', warnings: [] });
  expect(await ys.definitions.publish({ ...id, version: 1 })).toMatchObject({ status: 'published' });
  expect((await ys.definitions.version({ ...id, version: 1 })).body).toEqual(body);
  expect((await ys.definitions.list()).map(({ featureId }) => featureId)).toContain('basic_clean');
  expect((await ys.definitions.export()).forms.map(({ featureId }) => featureId)).toContain('by_sdk');
});

it('shows providers to operators, lets admins alone change them, and members neither', async () => {
  const operator = await signedIn('operator');
  const engine = await operator.providers.get('builtin-image-engine');
  expect(engine).toMatchObject({ kind: 'builtin', isEnabled: true, credentials: null, revision: 1 });
  const change = { providerRef: engine.providerRef, revision: engine.revision, changes: { maxConcurrency: 3 } };
  expect(await rejection(operator.providers.update(change))).toMatchObject({ code: 'FORBIDDEN' });
  const member = await signedIn('member');
  expect(await rejection(member.providers.list())).toMatchObject({ code: 'FORBIDDEN' });
  expect(await rejection(member.definitions.list())).toMatchObject({ code: 'FORBIDDEN' });
});
