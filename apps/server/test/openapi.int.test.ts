import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ERRORS } from '@yunshang/contracts';
import { listRestRoutes } from '../src/rest/rest-routes.ts';
import { appRouter } from '../src/router.ts';
import { listProcedures } from '../src/trpc/procedures.ts';
import { call, startEdge, type Edge, type Json } from './edge.ts';

let edge: Edge;
let document: Json;

beforeAll(async () => {
  edge = await startEdge();
  document = (await call(`${edge.url}/api/openapi.json`)).body;
});
afterAll(() => edge.close());

const KEYED = [
  'orders.create',
  'refunds.request',
  'tasks.create',
  'batches.create',
  'batches.retryFailed',
  'codes.redeem',
  'codes.createBatch',
  'campaigns.claim',
  'campaigns.create',
  'grants.compensate',
];
const operations = (): [string, string, Json][] =>
  Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]): [string, string, Json] => [path, method, operation]),
  );

it('is a valid OpenAPI 3.1 document', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(validator.version).toBe('3.1');
});

it('has a place for every procedure, and each operation once', () => {
  const ids = operations().map(([, , operation]) => operation.operationId);
  expect(new Set(ids)).toEqual(new Set(listProcedures(appRouter).map(({ path }) => path)));
  expect(new Set(ids).size).toBe(ids.length);
});

it('points only at parts that are there', () => {
  const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(pointers.length).toBeGreaterThan(20);
  const partOf = (pointer: string) => pointer.split('/').reduce((part, name) => part?.[name], document);
  expect(pointers.filter((pointer) => partOf(pointer) === undefined)).toEqual([]);
});

it('asks for the access token and the Idempotency-Key where they are needed', () => {
  for (const [, , operation] of operations()) {
    const isOpen = ['auth.requestCode', 'auth.signIn', 'auth.refresh', 'plans.list'].includes(operation.operationId);
    expect(operation.security).toEqual(isOpen ? [] : [{ accessToken: [] }]);
    const isKeyed = KEYED.includes(operation.operationId);
    expect(JSON.stringify(operation.parameters ?? []).includes('IdempotencyKey')).toBe(isKeyed);
  }
});

it('knows every error code, under its status', () => {
  expect(document.components.schemas.Error.properties.code.enum).toEqual(Object.keys(ERRORS));
  expect(document.components.responses.Error402.description).toContain('QUOTA_INSUFFICIENT');
});

it('reaches each route by its own path: none shadows another', async () => {
  for (const { openapi, path } of listRestRoutes()) {
    const url = `${edge.url}/api${openapi.path.replaceAll(/\{\w+\}/g, '01KANXGQ0000000000000000ZZ')}`;
    const body = openapi.method === 'GET' || openapi.method === 'DELETE' ? undefined : {};
    const before = edge.logged().length;
    const answer = await call(url, { method: openapi.method, body });
    expect([path, 'ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED']).not.toContain(answer.body.code);
    const route = `/api${openapi.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    await expect.poll(() => edge.logged().slice(before)).toContain(`"route":"${route}"`);
  }
});

it('has no two routes of one method that match the same path', () => {
  const shapes = listRestRoutes().map(
    ({ openapi }) => `${openapi.method} ${openapi.path.replaceAll(/\{\w+\}/g, '{}')}`,
  );
  expect(new Set(shapes).size).toBe(shapes.length);
});
