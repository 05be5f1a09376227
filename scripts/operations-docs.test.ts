import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const named = (text: string): Set<string> =>
  new Set([...text.matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map((match) => match[1] ?? ''));

test('docs/operations/running.md has every variable that an app reads, and no other', () => {
  const variables = new Set(['server', 'worker'].flatMap((app) => [...named(read(`apps/${app}/src/config.ts`))]));
  const page = read('docs/operations/running.md');
  const rows = page.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
  const documented = new Set(
    rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)].map((match) => match[1] ?? '')),
  );
  expect([...documented].sort()).toEqual([...variables].sort());
});
