import { expect, test } from 'vitest';
import { z } from 'zod';
import { appRouter } from '../router.ts';
import { listProcedures } from './procedures.ts';

/** The name of an amount of money or quota, wherever it stands. */
const AMOUNT = /(?:^|[a-z])(?:fen|micro_?yuan|quota)$/i;

type Field = { where: string; schema: Record<string, unknown> };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function amountsIn(value: unknown, where: string): Field[] {
  if (Array.isArray(value)) return value.flatMap((each) => amountsIn(each, where));
  if (!isRecord(value)) return [];
  const { properties } = value;
  const own = isRecord(properties)
    ? Object.entries(properties).flatMap(([name, schema]) =>
        AMOUNT.test(name) && isRecord(schema) ? [{ where: `${where}.${name}`, schema }] : [],
      )
    : [];
  return [...own, ...Object.values(value).flatMap((inner) => amountsIn(inner, where))];
}

/** Whole, null, or made of such. */
function isWhole(schema: Record<string, unknown>): boolean {
  const { type, anyOf } = schema;
  if (Array.isArray(anyOf)) return anyOf.every((each) => isRecord(each) && isWhole(each));
  if (isRecord(schema['properties'])) return true;
  return type === 'integer' || type === 'null' || 'const' in schema;
}

test('every amount that the API takes or gives is a whole number', () => {
  const fields = listProcedures(appRouter).flatMap(({ path, input, output }) =>
    (['input', 'output'] as const).flatMap((io) => {
      const schema = io === 'input' ? input : output;
      return schema === undefined
        ? []
        : amountsIn(z.toJSONSchema(schema, { io, unrepresentable: 'any' }), `${path} ${io}`);
    }),
  );
  expect(fields.length).toBeGreaterThan(50);
  expect(fields.filter(({ schema }) => !isWhole(schema)).map(({ where }) => where)).toEqual([]);
});

test('an amount that may be a fraction is found', () => {
  const schema = z.object({ lines: z.array(z.object({ netFen: z.number(), paidFen: z.int().nullable() })) });
  const found = amountsIn(z.toJSONSchema(schema), 'made');
  expect(found.map((field) => [field.where, isWhole(field.schema)])).toEqual([
    ['made.netFen', false],
    ['made.paidFen', true],
  ]);
});
