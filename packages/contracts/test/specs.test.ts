import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { featureDefinitionSchema, formSchemaSchema, pipelineSchemaSchema, planSchema } from '../src/index.ts';

const SPECS = new URL('../../../docs/specs/', import.meta.url);
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  feature: featureDefinitionSchema,
  form: formSchemaSchema,
  pipeline: pipelineSchemaSchema,
  plans: z.array(planSchema),
};

type Example = { page: string; kind: string; refusedAt: string | undefined; value: unknown };

async function examples(page: string): Promise<Example[]> {
  const text = await readFile(new URL(page, SPECS), 'utf8');
  return [...text.matchAll(/^```json (\w+)(-refused (\S+))?\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    kind: match[1] ?? '',
    refusedAt: match[3],
    value: JSON.parse(match[4] ?? ''),
  }));
}

const all = (
  await Promise.all(
    ['feature-definition.md', 'form-schema.md', 'pipeline-schema.md', 'billing-and-policy.md'].map(examples),
  )
).flat();

test('every specification has examples', () => {
  expect(new Set(all.map(({ page }) => page)).size).toBe(4);
});

test.each(all.filter(({ refusedAt }) => refusedAt === undefined))(
  '$page: the $kind example is accepted as it stands',
  ({ kind, value }) => {
    expect(SCHEMAS[kind]?.parse(value)).toEqual(value);
  },
);

test.each(all.filter(({ refusedAt }) => refusedAt !== undefined))(
  '$page: the $kind is refused at $refusedAt',
  ({ kind, value, refusedAt }) => {
    const result = SCHEMAS[kind]?.safeParse(value);
    expect(result?.success).toBe(false);
    expect(result?.error?.issues.map((issue) => issue.path.join('.'))).toContain(refusedAt);
  },
);
