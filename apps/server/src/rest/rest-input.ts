import { inputInvalid } from '@yunshang/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { notJson } from '../errors/as-app-error.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Joins path, query and body into the procedure's input; undefined for a procedure that takes none. */
export function restInput(request: FastifyRequest, numbers: ReadonlySet<string>): Fields {
  const params = numbersOf(fieldsOf(request.params), numbers);
  const given = request.method === 'GET' ? numbersOf(fieldsOf(request.query), numbers) : bodyOf(request);
  const twice = Object.keys(params).find((name) => Object.hasOwn(given, name));
  if (twice !== undefined)
    throw inputInvalid(twice, 'twice', { zh: '该字段已在路径中给出', en: 'This field is already given in the path' });
  return { ...given, ...params };
}

/** The fields of an input that a path or query string must give as numbers. */
export function numberFields(input: z.core.$ZodType | undefined): ReadonlySet<string> {
  if (input === undefined) return new Set();
  const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  return new Set(Object.keys(properties).filter((name) => isNumber(properties[name])));
}

function isNumber(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null || !('type' in schema)) return false;
  return schema.type === 'integer' || schema.type === 'number';
}

function numbersOf(query: Fields, numbers: ReadonlySet<string>): Fields {
  const read = ([name, value]: [string, unknown]): [string, unknown] =>
    numbers.has(name) && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
      ? [name, Number(value)]
      : [name, value];
  return Object.fromEntries(Object.entries(query).map(read));
}

function bodyOf(request: FastifyRequest): Fields {
  const { body } = request;
  if (typeof body !== 'string' || body === '') return {};
  const value = parse(body);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return fieldsOf(value);
  throw inputInvalid('', 'object', { zh: '请求内容应为 JSON 对象', en: 'The body must be a JSON object' });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notJson(cause);
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
