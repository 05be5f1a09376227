import { ERRORS, HTTP_STATUS, PERMISSIONS, httpStatusOf, isAllowed, type ErrorCode } from '@yunshang/contracts';
import type { RestRoute } from './rest-routes.ts';
import { createSchemas, type Schemas } from './schemas.ts';

type Json = Record<string, unknown>;

const ERROR_STATUSES = [...new Set(Object.values(HTTP_STATUS))];

/** OpenAPI 3.1 of the REST mirror, made from the procedures' own schemas. */
export function openapiDocument(routes: readonly RestRoute[], publicUrl: string): Json {
  const schemas = createSchemas();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = `/api${route.openapi.path}`;
    paths[path] = { ...paths[path], [route.openapi.method.toLowerCase()]: operation(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Yunshang 云裳',
      version: '1.0.0',
      description:
        'Amounts of money are integer fen, quota is whole units, times are ISO 8601 in UTC. Every answer is the envelope ' +
        '`{success, data, message, code}`; errors carry a stable `code`, both languages and the request id.',
      license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
    },
    servers: [{ url: publicUrl }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...schemas.shared(), Error: errorSchema() },
      responses: Object.fromEntries(ERROR_STATUSES.map((status) => [`Error${status}`, errorResponse(status)])),
      parameters: { IdempotencyKey: KEY_PARAMETER },
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operation(route: RestRoute, schemas: Schemas): Json {
  const { openapi, meta, path } = route;
  const isOpen = meta.permission !== undefined && isAllowed(meta.permission, undefined);
  const { parameters, requestBody } = inputOf(route, schemas);
  return {
    operationId: path,
    summary: openapi.summary,
    tags: [tagOf(route)],
    ...(isOpen ? { security: [] } : { security: [{ accessToken: [] }] }),
    ...(isOpen ? {} : { 'x-permission': meta.permission, 'x-roles': PERMISSIONS[meta.permission ?? 'account.own'] }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: { 200: success(route, schemas), ...errorsOf(route, isOpen) },
  };
}

function inputOf({ openapi, meta, input, type }: RestRoute, schemas: Schemas) {
  const schema = input === undefined ? {} : schemas.of(input, 'input');
  const properties = isJson(schema['properties']) ? schema['properties'] : {};
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const inPath = [...openapi.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const others = Object.keys(properties).filter((name) => !inPath.includes(name));
  const parameter = (name: string, place: 'path' | 'query'): Json => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: properties[name] ?? {},
  });
  const isQuery = openapi.method === 'GET';
  const parameters: Json[] = [
    ...inPath.map((name) => parameter(name, 'path')),
    ...(isQuery ? others.map((name) => parameter(name, 'query')) : []),
    ...(meta.keyed === true ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ...(type === 'subscription' ? [{ name: 'Last-Event-ID', in: 'header', schema: { type: 'string' } }] : []),
  ];
  if (isQuery || others.length === 0) return { parameters, requestBody: undefined };
  const body: Json = {
    type: 'object',
    properties: Object.fromEntries(others.map((name) => [name, properties[name]])),
    required: others.filter((name) => required.includes(name)),
    additionalProperties: false,
  };
  return { parameters, requestBody: { required: true, content: { 'application/json': { schema: body } } } };
}

function success(route: RestRoute, schemas: Schemas): Json {
  if (route.type === 'subscription')
    return {
      description: 'Events with `id` and JSON `data`',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    };
  if (route.openapi.file !== undefined)
    return {
      description: 'The file, as a download',
      content: { [route.openapi.file]: { schema: { type: 'string' } } },
    };
  const data = route.output === undefined ? {} : schemas.of(route.output, 'output');
  const schema = {
    type: 'object',
    properties: { success: { const: true }, data, message: { type: 'string' }, code: { const: 'OK' } },
    required: ['success', 'data', 'message', 'code'],
  };
  return { description: route.openapi.summary, content: { 'application/json': { schema } } };
}

/** Statuses an operation can answer, by what it is; 400, 429, 500 and 503 can always come. */
function errorsOf({ openapi, meta, type }: RestRoute, isOpen: boolean): Json {
  const isMutation = type === 'mutation';
  const statuses = [
    400,
    ...(isOpen ? [] : [401, 403]),
    ...(meta.keyed === true ? [402] : []),
    ...(openapi.path.includes('{') || meta.keyed === true ? [404] : []),
    ...(isMutation ? [409, 413, 415] : []),
    429,
    500,
    503,
  ];
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Error${status}` }]));
}

function errorResponse(status: number): Json {
  const codes = Object.keys(ERRORS).filter((code) => httpStatusOf(code as ErrorCode) === status);
  const lines = codes.map((code) => `- \`${code}\`: ${ERRORS[code as ErrorCode].en} ${ERRORS[code as ErrorCode].zh}`);
  return {
    description: lines.join('\n'),
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
}

function errorSchema(): Json {
  return {
    type: 'object',
    properties: {
      success: { const: false },
      data: { type: 'null' },
      message: { type: 'string', description: 'Chinese' },
      messageEn: { type: 'string' },
      code: { type: 'string', enum: Object.keys(ERRORS) },
      requestId: { type: 'string' },
      details: {
        type: 'object',
        description: 'Such as issues [{field, rule, zh, en}], retryAfterSeconds, required, available',
      },
    },
    required: ['success', 'data', 'message', 'messageEn', 'code', 'requestId', 'details'],
  };
}

const KEY_PARAMETER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'The same key and body returns the first answer; a different body is refused.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{8,100}$' },
};

function tagOf({ path }: RestRoute): string {
  return path.split('.')[0] ?? path;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
