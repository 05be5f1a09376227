import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { buyBasic, call, createTask, startEdge, type Edge, type Person } from './edge.ts';

let edge: Edge;
let member: Person;

beforeAll(async () => {
  edge = await startEdge();
  member = await edge.signIn();
  await buyBasic(edge, member);
});
afterAll(() => edge.close());

type Sent = { event: string; id: string | undefined; data: string };

/** Reads a stream as it comes. */
function read(url: string, headers: Record<string, string>) {
  const sent: Sent[] = [];
  const abort = new AbortController();
  const done = (async () => {
    const response = await fetch(url, { headers, signal: abort.signal });
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true });
      const parts = rest.split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) if (/^(event|data|id):/m.test(part)) sent.push(parse(part));
    }
    return response.status;
  })();
  done.catch(() => undefined);
  return { sent, done, stop: () => abort.abort() };
}

function parse(block: string): Sent {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  return { event: field('event') ?? 'message', id: field('id'), data: field('data') ?? '' };
}

const moves = (sent: Sent[]) =>
  sent.filter(({ event }) => event === 'message').map(({ data }) => JSON.parse(data).status);
const watchUrl = (taskId: string) =>
  `${edge.url}/trpc/tasks.watch?input=${encodeURIComponent(JSON.stringify({ taskId }))}`;
const bearer = () => ({ authorization: `Bearer ${member.accessToken}` });
const cancel = (taskId: string) =>
  call(`${edge.url}/api/tasks/${taskId}/cancel`, { token: member.accessToken, body: {} });

describe('watching a task', () => {
  it('sends each move as it happens and ends after the last', async () => {
    const taskId: string = (await createTask(edge, member, 'watch-task-1')).body.data.id;
    const stream = read(watchUrl(taskId), bearer());
    await until(() => moves(stream.sent).length === 1);
    const before = performance.now();
    await cancel(taskId);
    expect(await stream.done).toBe(200);
    expect(performance.now() - before).toBeLessThan(900); // woken by the signal, not by the poll
    expect(moves(stream.sent)).toEqual(['pending', 'cancelled']);
    expect(stream.sent.at(-1)?.event).toBe('return');
  });

  it('goes on after the last event seen, named in a header or in the input', async () => {
    const taskId: string = (await createTask(edge, member, 'watch-task-2')).body.data.id;
    const first = read(watchUrl(taskId), bearer());
    await until(() => moves(first.sent).length === 1);
    first.stop();
    const lastId = first.sent.find(({ id }) => id !== undefined)?.id ?? '';
    await cancel(taskId);
    const second = read(watchUrl(taskId), { ...bearer(), 'last-event-id': lastId });
    await second.done;
    expect(moves(second.sent)).toEqual(['cancelled']);
    const end = second.sent.findLast(({ id }) => id !== undefined)?.id ?? '';
    const third = read(watchUrl(taskId), { ...bearer(), 'last-event-id': end });
    await third.done;
    expect(moves(third.sent)).toEqual([]);
    expect(third.sent.at(-1)?.event).toBe('return');
  });

  it('is plain server-sent events on REST, and a plain 404 for a stranger', async () => {
    const taskId: string = (await createTask(edge, member, 'watch-task-3')).body.data.id;
    await cancel(taskId);
    const stream = read(`${edge.url}/api/tasks/${taskId}/events`, bearer());
    await stream.done;
    expect(moves(stream.sent)).toEqual(['pending', 'cancelled']);
    const stranger = await edge.signIn();
    expect(await call(`${edge.url}/api/tasks/${taskId}/events`, { token: stranger.accessToken })).toMatchObject({
      status: 404,
      body: { code: 'TASK_NOT_FOUND' },
    });
  });

  it('tells a stranger on tRPC in a way that is not tried again', async () => {
    const stranger = await edge.signIn();
    const taskId: string = (await createTask(edge, member, 'watch-task-4')).body.data.id;
    const stream = read(watchUrl(taskId), { authorization: `Bearer ${stranger.accessToken}` });
    await stream.done;
    const failure = stream.sent.find(({ event }) => event === 'serialized-error');
    expect(JSON.parse(failure?.data ?? '{}')).toMatchObject({ code: -32004, data: { code: 'TASK_NOT_FOUND' } });
  });

  it('takes no token from an address', async () => {
    const taskId: string = (await createTask(edge, member, 'watch-task-5')).body.data.id;
    const params = encodeURIComponent(JSON.stringify({ authorization: `Bearer ${member.accessToken}` }));
    const stream = read(`${watchUrl(taskId)}&connectionParams=${params}&token=${member.accessToken}`, {});
    await stream.done;
    expect(stream.sent.find(({ event }) => event === 'serialized-error')?.data).toContain('UNAUTHENTICATED');
  });

  it('lets one person open 20 streams and no more, and forgets those that left', async () => {
    const taskId: string = (await createTask(edge, member, 'watch-task-6')).body.data.id;
    const streams = Array.from({ length: 20 }, () => read(watchUrl(taskId), bearer()));
    await until(() => streams.every(({ sent }) => moves(sent).length === 1));
    const refused = read(watchUrl(taskId), bearer());
    await refused.done;
    expect(refused.sent.find(({ event }) => event === 'serialized-error')?.data).toContain('RATE_LIMITED');
    for (const stream of streams) stream.stop();
    await until(
      async () => {
        const again = read(watchUrl(taskId), bearer());
        await until(() => again.sent.length > 1);
        again.stop();
        return moves(again.sent).length === 1;
      },
      { everyMs: 200 },
    );
  });
});

it('leaves nothing for the doctor to find', async () => {
  expect(await runDoctor(edge.database.db, { now: new Date() })).toEqual([]);
});

// Last: it ends the server.
it('ends its streams without a "return" when the server shuts down, so that clients connect again', async () => {
  const taskId: string = (await createTask(edge, member, 'watch-task-7')).body.data.id;
  const rpc = read(watchUrl(taskId), bearer());
  const rest = read(`${edge.url}/api/tasks/${taskId}/events`, bearer());
  await until(() => moves(rpc.sent).length === 1 && moves(rest.sent).length === 1);
  const before = performance.now();
  const ready = fetch(`${edge.url}/health/ready`);
  await ready;
  edge.drain.abort();
  await Promise.all([rpc.done, rest.done]);
  expect(rpc.sent.some(({ event }) => event === 'return')).toBe(false);
  expect((await fetch(`${edge.url}/health/ready`)).status).toBe(503);
  expect(performance.now() - before).toBeLessThan(2_000);
});
