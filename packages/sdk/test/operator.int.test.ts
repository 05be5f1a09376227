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

const FEATURE = {
  featureId: 'by_sdk_film',
  title: '短片',
  description: '',
  iconUrl: null,
  category: 'video',
  accessScope: 'plan',
  planRequired: null,
  allowedAccounts: null,
  quotaCost: 6,
  rateLimitPolicy: { maxPerHour: 3, maxPerDay: 10, cooldownSeconds: 5 },
  formVersion: 1,
  pipelineVersion: 1,
  outputType: 'video',
  saveToAssetLibrary: true,
  displayOrder: 90,
  weeklyBudgetFen: 100_000,
};

it('tells what the guard would say of a draft, refuses what fails, and takes an acknowledgement of what is warned of', async () => {
  const ys = await signedIn('operator');
  const { forms, pipelines } = await ys.definitions.export();
  for (const [kind, list] of [
    ['form', forms],
    ['pipeline', pipelines],
  ] as const) {
    const body = list.find(({ featureId }) => featureId === 'basic_clean')?.body ?? {};
    await ys.definitions.saveDraft({ featureId: FEATURE.featureId, kind, body });
  }
  expect(await ys.guard.reviewDraft({ ...FEATURE, rateLimitPolicy: null })).toMatchObject({
    outcome: 'refused',
    failures: [{ rule: 'BG120', field: 'features.by_sdk_film.rateLimitPolicy' }],
  });
  const review = await ys.guard.reviewDraft(FEATURE);
  expect(review).toMatchObject({ outcome: 'acknowledge', acknowledge: ['BG122'], failures: [] });
  const error = await rejection(ys.definitions.create(FEATURE));
  if (!isYunshangError(error, 'GUARD_UNACKNOWLEDGED')) throw error;
  expect(error.details.issues).toEqual(review.warnings);
  const { warnings } = await ys.definitions.create(FEATURE, { acknowledge: review.acknowledge });
  expect(warnings).toEqual(review.warnings);
  expect(await rejection(ys.guard.reviewDraft({ colour: 'blue' }))).toMatchObject({ code: 'INPUT_INVALID' });
});

it('asks for an exception as an operator, which finance can see, and members can not', async () => {
  const [operator, member] = [await signedIn('operator'), await signedIn('member')];
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const wish = { featureId: 'basic_clean', kind: 'free_feature', until, reason: '开业体验活动，为期一天' } as const;
  expect(await operator.definitions.requestException(wish)).toMatchObject({
    kind: 'free_feature',
    status: 'pending',
    payload: { featureId: 'basic_clean', until },
  });
  expect(await rejection(member.definitions.requestException(wish))).toMatchObject({ code: 'FORBIDDEN' });
  expect(await rejection(operator.guard.lastReport())).toMatchObject({ code: 'GUARD_REPORT_NOT_FOUND' });
  expect(await operator.guard.reports()).toEqual({ items: [], nextCursor: null });
  expect(await rejection(member.guard.lastReport())).toMatchObject({ code: 'FORBIDDEN' });
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
