import { runDoctor } from '@yunshang/guard';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addFeature } from './features.ts';
import { createRig, type Rig } from './rig.ts';
import { bodyOf, listen, openEdge, writeHttp, type Edge } from './vendor-rows.ts';

type Asked = { path: string; headers: IncomingHttpHeaders; body: unknown };

let rig: Rig;
let edge: Edge;
let vendor: Server;
let url: string;
let asked: Asked[] = [];
let answer: { status: number; body: unknown };
let picture: Buffer;

beforeAll(async () => {
  rig = await createRig();
  picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#345' } })
    .png()
    .toBuffer();
  vendor = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/made.png') {
      response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
      return;
    }
    const reply = async (): Promise<void> => {
      const text = (await bodyOf(request)).toString();
      asked.push({ path, headers: request.headers, body: text === '' ? null : JSON.parse(text) });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    };
    void reply();
  });
  url = await listen(vendor);
  edge = await openEdge(rig, [new URL(url).host]);
  await writeHttp(rig, 'any-vendor', `${url}/v1`, {
    endpoints: {
      'test.linked': {
        path: '/make',
        files: [{ name: 'image', kind: 'image', path: '$.data.urls[*]' }],
        maxAnswerBytes: 500,
      },
      'test.inline': {
        path: '/make',
        files: [{ name: 'image', kind: 'image', path: '$.data.b64', encoding: 'base64' }],
      },
    },
    headers: { Authorization: 'Bearer {apiKey}' },
    probePath: '/health',
  });
  const step = {
    providerCandidates: ['any-vendor'],
    inputMapping: { image: '${input_data.photo}', style: { tone: 'warm' } },
  };
  await addFeature(rig.database.db, 'linked', { linked: step });
  await addFeature(rig.database.db, 'inline', { inline: step });
});
beforeEach(async () => {
  asked = [];
  await rig.database.db.updateTable('provider_health').set({ status: 'up', consecutive_failures: 0 }).execute();
});
afterAll(async () => {
  edge.close();
  vendor.close();
  await rig.close();
});

async function runOne(featureId: string): Promise<string> {
  const who = await rig.member();
  const taskId = await rig.task(who, featureId);
  await rig.runner({ providers: edge.providers }).run({ taskId });
  const task = await rig.tasks.get(who.userId, taskId);
  const attempt = await rig.database.db
    .selectFrom('task_attempts')
    .select(['error_class', 'error_code'])
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  const size = task.outputs.map(({ width, height }) => `${width}x${height}`).join();
  return [task.status, size, attempt?.error_class, attempt?.error_code].filter(Boolean).join(' ');
}

test('a vendor nobody has written code for is called as its row says, and its picture is copied', async () => {
  answer = { status: 200, body: { data: { urls: [`${url}/made.png`] } } };
  expect(await runOne('linked')).toBe('succeeded 64x48');
  const [call] = asked;
  expect(call).toMatchObject({
    path: '/v1/make',
    headers: { authorization: 'Bearer k-123', 'idempotency-key': expect.stringMatching(/^\w{26}-0-1$/) },
    body: {
      image: { url: expect.stringContaining('q-signature'), contentType: 'image/jpeg' },
      style: { tone: 'warm' },
    },
  });
});

test('a picture within the answer is one too', async () => {
  answer = { status: 200, body: { data: { b64: picture.toString('base64') } } };
  expect(await runOne('inline')).toBe('succeeded 64x48');
});

test.each([
  ['500', 500, {}, 'failed vendor http_500'],
  ['402', 402, {}, 'failed our_account http_402'],
  ['an empty result', 200, { data: {} }, 'failed vendor output_missing'],
  ['another host', 200, { data: { urls: ['https://example.com/x.png'] } }, 'failed vendor result_refused'],
  ['an address inside', 200, { data: { urls: ['http://127.0.0.1:1/x.png'] } }, 'failed vendor result_refused'],
  ['more than was asked for', 200, { data: { urls: ['x'.repeat(600)] } }, 'failed vendor answer_too_large'],
  ['no JSON object', 200, 'hello', 'failed vendor answer_unreadable'],
])('an answer of %s makes nothing up', async (_what, status, body, end) => {
  answer = { status, body };
  expect(await runOne('linked')).toBe(end);
});

test('a row that was changed counts within seconds, and one that is switched off is not called', async () => {
  answer = { status: 200, body: { data: { urls: [`${url}/made.png`] } } };
  await rig.database.db
    .updateTable('provider_endpoints')
    .set({ is_enabled: 0 })
    .where('provider_ref', '=', 'any-vendor')
    .execute();
  expect(await runOne('linked')).toBe('failed');
  expect(asked).toEqual([]);
  await rig.database.db
    .updateTable('provider_endpoints')
    .set({ is_enabled: 1 })
    .where('provider_ref', '=', 'any-vendor')
    .execute();
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
