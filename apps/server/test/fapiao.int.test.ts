import { newId } from '@yunshang/db';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buyBasic, call, startEdge, type Answer, type Edge, type Person } from './edge.ts';

let edge: Edge;
let finance: Person;
const PDF = Buffer.from('%PDF-1.7 一张发票');
const ISSUED_ON = '2026-01-01';

beforeAll(async () => {
  edge = await startEdge();
  finance = await edge.signIn('finance');
});
afterEach(() => edge.sandbox.control.clearFaults());
afterAll(() => edge.close());

/** A member's request that finance has taken up. */
async function begun(): Promise<{ buyer: Person; fapiaoId: string }> {
  const buyer = await edge.signIn();
  await buyBasic(edge, buyer);
  const { accessToken: token } = buyer;
  const orders = await call(`${edge.url}/api/orders`, { token });
  const title = await call(`${edge.url}/api/fapiao/titles`, { token, body: { kind: 'personal', name: '王小明' } });
  const body = { orderId: orders.body.data.items[0].id, titleId: title.body.data.id };
  const fapiaoId: string = (await call(`${edge.url}/api/fapiao`, { token, key: newId(), body })).body.data.id;
  await call(`${edge.url}/api/fapiao/${fapiaoId}/begin`, { token: finance.accessToken, method: 'POST', body: {} });
  return { buyer, fapiaoId };
}
let numbers = 0;
const nextNumber = (): string => String((numbers += 1)).padStart(20, '0');
const record = (fapiaoId: string, objectKey: string, move: 'issue' | 'red-flush' = 'issue'): Promise<Answer> =>
  call(`${edge.url}/api/fapiao/${fapiaoId}/${move}`, {
    token: finance.accessToken,
    body: { number: nextNumber(), issuedOn: ISSUED_ON, objectKey },
  });
const file = (person: Person, fapiaoId: string, which = 'blue'): Promise<Answer> =>
  call(`${edge.url}/api/fapiao/${fapiaoId}/file?which=${which}`, { token: person.accessToken });

it('comes out of the bucket as it was put there, for its member alone and by a signed address alone', async () => {
  const { buyer, fapiaoId } = await begun();
  const [blue, red] = [`fapiao/2026/${fapiaoId}.pdf`, `fapiao/2026/${fapiaoId}-red.pdf`];
  await edge.bucket.put(blue, PDF, 'application/pdf');
  await edge.bucket.put(red, Buffer.from('%PDF-1.7 红字'), 'application/pdf');
  expect((await file(buyer, fapiaoId)).body.code).toBe('FAPIAO_NOT_FOUND');
  expect((await record(fapiaoId, blue)).body.data).toMatchObject({ status: 'issued' });
  const { url } = (await file(buyer, fapiaoId)).body.data;
  const download = await fetch(url);
  expect([download.status, download.headers.get('content-type')]).toEqual([200, 'application/pdf']);
  expect(Buffer.from(await download.arrayBuffer())).toEqual(PDF);
  const unsigned = new URL(url);
  unsigned.search = '';
  const [bare, elsewhere] = await Promise.all([fetch(unsigned), fetch(url.replace('.pdf', '-red.pdf'))]);
  expect([bare.status, elsewhere.status]).toEqual([403, 403]);
  expect((await file(await edge.signIn(), fapiaoId)).body.code).toBe('FAPIAO_NOT_FOUND');
  expect((await record(fapiaoId, red, 'red-flush')).body.data).toMatchObject({ status: 'red_flushed' });
  const flushed = await fetch((await file(buyer, fapiaoId, 'red')).body.data.url);
  expect(await flushed.text()).toBe('%PDF-1.7 红字');
});

it('is not recorded without its file, nor while the bucket can not be asked', async () => {
  const { buyer, fapiaoId } = await begun();
  const key = `fapiao/2026/${fapiaoId}.pdf`;
  expect((await record(fapiaoId, key)).body).toMatchObject({ code: 'INPUT_INVALID' });
  await edge.bucket.put(key, Buffer.alloc(0), 'application/pdf');
  expect((await record(fapiaoId, key)).body).toMatchObject({ code: 'INPUT_INVALID' });
  await edge.bucket.put(key, PDF, 'application/pdf');
  await edge.sandbox.control.fault({ vendor: 'cos', kind: 'error', status: 503, times: 'always' });
  const away = await record(fapiaoId, key);
  expect([away.status, away.body.code]).toEqual([503, 'STORAGE_UNAVAILABLE']);
  await edge.sandbox.control.clearFaults();
  expect((await file(buyer, fapiaoId)).body.code).toBe('FAPIAO_NOT_FOUND');
  expect((await record(fapiaoId, key)).body.data).toMatchObject({ status: 'issued' });
});

it('the account says whether its member agreed to texts, and REST changes it', async () => {
  const { accessToken: token } = await edge.signIn();
  const set = (body: unknown) => call(`${edge.url}/api/account/low-quota-sms`, { token, method: 'PUT', body });
  const agreedAt = async () => (await call(`${edge.url}/api/account`, { token })).body.data.lowQuotaSmsAgreedAt;
  expect(await agreedAt()).toBeNull();
  const { body } = await set({ agreed: true });
  expect(body.data.agreedAt).toMatch(/^20.*Z$/);
  expect(await agreedAt()).toBe(body.data.agreedAt);
  expect((await set({ agreed: 'yes' })).body).toMatchObject({ code: 'INPUT_INVALID' });
  expect((await set({ agreed: false })).body.data).toEqual({ agreedAt: null });
  expect((await call(`${edge.url}/api/account/low-quota-sms`, { method: 'PUT', body: { agreed: true } })).status).toBe(
    401,
  );
});
