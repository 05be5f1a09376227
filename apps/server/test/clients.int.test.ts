import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink, TRPCClientError } from '@trpc/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppRouter } from '../src/index.ts';
import { startEdge, type Edge, type Person } from './edge.ts';

let edge: Edge;
let member: Person;

beforeAll(async () => {
  edge = await startEdge();
  member = await edge.signIn();
});
afterAll(() => edge.close());

const headers = () => ({
  authorization: `Bearer ${member.accessToken}`,
  'idempotency-key': `key-${performance.now()}`.replace('.', '-'),
});
const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'OK',
    (error: unknown) => (error instanceof TRPCClientError ? error.data.code : error),
  );

// Mutations over the first two are answered by our own handler, over the third by tRPC's adapter: nobody may notice.
describe.each([
  ['httpLink', () => httpLink<AppRouter>({ url: `${edge.url}/trpc`, headers })],
  ['httpBatchLink', () => httpBatchLink<AppRouter>({ url: `${edge.url}/trpc`, headers })],
  ['httpBatchStreamLink', () => httpBatchStreamLink<AppRouter>({ url: `${edge.url}/trpc`, headers })],
])('over tRPC’s own %s', (_name, link) => {
  const client = () => createTRPCClient<AppRouter>({ links: [link()] });

  it('reads and writes', async () => {
    expect((await client().plans.list.query()).items).toHaveLength(3);
    expect(await client().orders.create.mutate({ planId: 'BASIC' })).toMatchObject({
      amountFen: 9900,
      status: 'pending',
    });
  });

  it('calls what takes no input', async () => {
    const person = await edge.signIn();
    const { accessToken } = member;
    member = { ...member, accessToken: person.accessToken };
    expect(await client().auth.signOut.mutate()).toEqual({ done: true });
    member = { ...member, accessToken };
  });

  it('gets catalogue errors with their status', async () => {
    const wrong = client().auth.signIn.mutate({ phone: '1', code: '2' });
    await expect(wrong).rejects.toMatchObject({
      data: { code: 'INPUT_INVALID', httpStatus: 400, zh: expect.any(String) },
    });
    expect(await codeOf(client().orders.create.mutate({ planId: 'NO_SUCH_PLAN' }))).toBe('PLAN_NOT_FOUND');
    expect(await codeOf(client().orders.get.query({ orderId: '01KANXGQ0000000000000000ZZ' }))).toBe('ORDER_NOT_FOUND');
  });
});
