import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, startEdge, type Answer, type Edge, type Person } from './edge.ts';

let edge: Edge;
let admin: Person;
let auditor: Person;
let operator: Person;

beforeAll(async () => {
  edge = await startEdge();
  admin = await edge.signIn('admin');
  auditor = await edge.signIn('auditor');
  operator = await edge.signIn('operator');
});
afterAll(() => edge.close());

const log = (query: Record<string, string>, person = auditor): Promise<Answer> =>
  call(`${edge.url}/api/audit/log?${new URLSearchParams(query).toString()}`, { token: person.accessToken });
const setRole = (userId: string, role: string): Promise<Answer> =>
  call(`${edge.url}/api/users/${userId}/role`, { method: 'PUT', token: admin.accessToken, body: { role } });

it('shows who did what, and to whom, newest first', async () => {
  const person = await edge.signIn();
  await setRole(person.userId, 'finance');
  await setRole(person.userId, 'member');
  const { body } = await log({ subjectType: 'user', subjectId: person.userId, action: 'account.role_changed' });
  expect(body.data.items).toMatchObject([
    { actorId: admin.userId, actorRole: 'admin', details: { to: 'member' }, isSealed: false },
    { actorId: admin.userId, actorRole: 'admin', details: { to: 'finance' }, isSealed: false },
  ]);
  const [newest] = body.data.items;
  expect((await log({ requestId: newest.requestId })).body.data.items).toEqual([newest]);
  expect((await log({ action: 'account.', actorId: admin.userId, limit: '1' })).body.data).toEqual({
    items: [newest],
    nextCursor: newest.id,
  });
});

it('turns pages and keeps to the time asked for', async () => {
  const rows = Array.from({ length: 45 }, (_, n) => ({
    actor_role: 'system',
    action: 'test.filled',
    subject_type: 'test',
    subject_id: '1',
    details: '{}',
    request_id: `r${n}`,
    created_at: new Date(Date.UTC(2026, 0, 1, n)),
  }));
  await edge.database.db.insertInto('audit_logs').values(rows).execute();
  const seen: string[] = [];
  for (let cursor: number | null = 0; cursor !== null;) {
    const page = await log({
      action: 'test.filled',
      from: '2026-01-01T05:00:00.000Z',
      to: '2026-01-02T14:00:00.000Z',
      ...(cursor === 0 ? {} : { cursor: String(cursor) }),
    });
    seen.push(...page.body.data.items.map(({ requestId }: { requestId: string }) => requestId));
    cursor = page.body.data.nextCursor;
  }
  expect(seen).toEqual(
    rows
      .slice(5, 39)
      .map((row) => row.request_id)
      .toReversed(),
  );
});

it.each([
  [{ action: "x' OR 1=1" }, 'action'],
  [{ subjectId: '1' }, 'subjectType'],
  [{ from: '2026-02-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z' }, 'to'],
  [{ from: 'yesterday' }, 'from'],
  [{ limit: '0' }, 'limit'],
  [{ cursor: '-1' }, 'cursor'],
  [{ actorId: 'somebody' }, 'actorId'],
  [{ table: 'users' }, ''],
])('refuses the filter %o', async (query, field) => {
  const { status, body } = await log(query);
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'INPUT_INVALID' });
  expect(JSON.stringify(body)).toContain(field);
});

it('takes a wish for a proof once, on record, and refuses one behind a block that is not there', async () => {
  const verify = (body: object, person = auditor): Promise<Answer> =>
    call(`${edge.url}/api/audit/verifications`, { token: person.accessToken, body });
  const [one, two] = [await verify({}), await verify({}, admin)];
  expect(one.body.data).toMatchObject({ status: 'waiting', requestedBy: auditor.userId, report: null });
  expect(two.body.data.id).toBe(one.body.data.id);
  expect((await log({ subjectType: 'audit_verification' })).body.data.items).toMatchObject([
    { actorId: auditor.userId, action: 'audit.verification_requested', subjectId: one.body.data.id },
  ]);
  const list = await call(`${edge.url}/api/audit/verifications`, { token: admin.accessToken });
  expect(list.body.data.items).toEqual([one.body.data]);
  expect((await verify({ behindBlock: 7 })).body).toMatchObject({ code: 'INPUT_INVALID' });
});

it('is for auditors and admins', async () => {
  expect((await log({}, operator)).status).toBe(403);
});
