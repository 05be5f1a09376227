import { newId } from '@yunshang/db';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buyBasic, call, createTask, startEdge, type Edge, type Person } from './edge.ts';

const CDN = { CDN_BASE_URL: 'https://files.example.cn', CDN_SIGNING: 'A', CDN_KEY: 'abcdef123456' };

let edge: Edge;
let member: Person;
let stranger: Person;

beforeAll(async () => {
  edge = await startEdge(CDN);
  [member, stranger] = [await edge.signIn(), await edge.signIn()];
  await buyBasic(edge, member);
});
afterAll(() => edge.close());

const as = ({ accessToken }: Person) => ({ token: accessToken });

/** A labelled result of the member, by its row. */
async function addResult(): Promise<string> {
  const task = await createTask(edge, member, `task-${newId()}`);
  const id = newId();
  await edge.database.db
    .insertInto('assets')
    .values({
      id,
      user_id: member.userId,
      kind: 'result',
      status: 'ready',
      object_key: `u/${member.userId}/results/${id}.mp4`,
      unlabelled_key: `u/${member.userId}/results/${id}-unlabelled.mp4`,
      label: 'visible',
      content_type: 'video/mp4',
      bytes: 100,
      sha256: Buffer.alloc(32),
      task_id: task.body.data.id,
      feature_id: 'basic_clean',
      output_name: 'video',
      created_at: new Date(),
    })
    .execute();
  await call(`${edge.url}/api/tasks/${task.body.data.id}/cancel`, { ...as(member), body: {} });
  return id;
}

it('lists files by type and date and downloads them through the CDN', async () => {
  const id = await addResult();
  const list = (query: string) => call(`${edge.url}/api/assets?${query}`, as(member));
  const { body } = await list('type=video&from=2026-01-01T00:00:00Z&limit=1');
  expect(body.data.items).toMatchObject([{ id, label: 'visible', hasUnlabelled: true }]);
  expect((await list('type=image')).body.data.items).toEqual([]);
  expect((await list('to=2020-01-01T00:00:00Z')).body.data.items).toEqual([]);
  expect((await list('from=yesterday')).status).toBe(400);
  const link = await call(`${edge.url}/api/assets/${id}/download`, as(member));
  expect(link.body.data.url).toMatch(/^https:\/\/files\.example\.cn\/u\/.*\.mp4\?sign=\d+-[0-9a-f]+-0-[0-9a-f]{32}$/);
});

it('gives the file without its label only to who accepts the statement it shows', async () => {
  const id = await addResult();
  const ask = (person: Person, body: object) =>
    call(`${edge.url}/api/assets/${id}/download-unlabelled`, { ...as(person), body });
  expect(await ask(member, {})).toMatchObject({ status: 403, body: { code: 'CONSENT_REQUIRED' } });
  const { body } = await call(`${edge.url}/api/assets/label-statement`, as(member));
  expect(body.data).toMatchObject({ zh: expect.stringContaining('人工智能'), en: expect.any(String) });
  const accepted = { acceptedStatement: body.data.version };
  expect(await ask(stranger, accepted)).toMatchObject({ status: 404 });
  expect((await ask(member, accepted)).body.data.url).toContain('-unlabelled.mp4');
});

it('deletes a file once and for all, and nobody else does', async () => {
  const id = await addResult();
  const remove = (person: Person) => call(`${edge.url}/api/assets/${id}`, { ...as(person), method: 'DELETE' });
  expect(await remove(stranger)).toMatchObject({ status: 404 });
  expect(await remove(member)).toMatchObject({ status: 200 });
  expect(await remove(member)).toMatchObject({ status: 200 });
  expect((await call(`${edge.url}/api/assets/${id}/download`, as(member))).status).toBe(404);
});

it('leaves every invariant in force', async () => {
  expect(await runDoctor(edge.database.db, { now: new Date() })).toEqual([]);
});
