import { expect, it } from 'vitest';
import { z } from 'zod';
import { fieldIssues } from './field-issues.ts';

const schema = z.strictObject({
  name: z.string().min(2),
  inner: z.object({ count: z.int().max(9) }),
  tags: z.array(z.string()),
});

function issuesOf(value: unknown) {
  const { error } = schema.safeParse(value);
  return error === undefined ? [] : fieldIssues(error);
}

it('names fields by path, rule and both languages', () => {
  const issues = issuesOf({ name: 'x', inner: { count: 10 }, tags: ['a', 2] });
  expect(issues.map(({ field, rule }) => [field, rule])).toEqual([
    ['name', 'too_small'],
    ['inner.count', 'too_big'],
    ['tags.1', 'invalid_type'],
  ]);
  expect(issues.map(({ zh }) => zh)).toEqual([expect.stringContaining('2'), expect.stringContaining('9'), '应为文本']);
});

it('says what is missing and names each unknown key by itself', () => {
  const issues = issuesOf({ inner: { count: 1 }, tags: [], extra: 1, more: 2 });
  expect(issues.map(({ field }) => field)).toEqual(['name', 'extra', 'more']);
  expect(issues[0]).toMatchObject({ zh: '必填' });
});

it('says the type that was wanted, never the value that came', () => {
  const [issue] = issuesOf({ name: 13800138000, inner: { count: 1 }, tags: [] });
  expect(issue).toMatchObject({ field: 'name', zh: '应为文本' });
  expect(JSON.stringify(issue)).not.toContain('13800138000');
});
