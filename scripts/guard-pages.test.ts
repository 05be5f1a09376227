import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RULES, rulePages } from '../packages/guard/src/index.ts';
import { findStale, writePages } from './guard-pages.ts';

it('finds every page of docs/guard as the rules make it', () => {
  expect(findStale(join(import.meta.dirname, '..', 'docs', 'guard'), rulePages(RULES))).toEqual([]);
});

it('notices a page that was edited, is missing or whose rule is gone, and mends all three', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guard-pages-'));
  const pages = new Map([
    ['BG101.md', 'one'],
    ['BG102.md', 'two'],
  ]);
  try {
    writeFileSync(join(folder, 'BG101.md'), 'edited');
    writeFileSync(join(folder, 'BG199.md'), 'gone');
    expect(findStale(folder, pages)).toEqual(['BG101.md', 'BG102.md', 'BG199.md']);
    writePages(folder, pages);
    expect(findStale(folder, pages)).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
