import { cpSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ERRORS, HTTP_STATUS } from '../packages/contracts/src/index.ts';
import { findFaults, writeFacts, type Catalogue } from './error-pages.ts';

const pages = join(import.meta.dirname, '..', 'docs', 'errors');
const catalogue: Catalogue = Object.fromEntries(
  Object.entries(ERRORS).map(([code, entry]) => [code, { ...entry, status: HTTP_STATUS[entry.status] }]),
);

const folders: string[] = [];
function copyOfPages(): string {
  const folder = mkdtempSync(join(tmpdir(), 'errors-'));
  folders.push(folder);
  cpSync(pages, folder, { recursive: true });
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

it('finds a page for every code and a code for every page, with the catalogue’s status and texts', () => {
  expect(findFaults(pages, catalogue)).toEqual([]);
});

it('misses a page, notices a stray one and one that says nothing', () => {
  const folder = copyOfPages();
  unlinkSync(join(folder, 'INTERNAL.md'));
  writeFileSync(join(folder, 'NO_SUCH_CODE.md'), '# NO_SUCH_CODE\n');
  writeFileSync(join(folder, 'FORBIDDEN.md'), '# FORBIDDEN\n\n<!-- facts -->\n<!-- /facts -->\n');
  writeFacts(folder, catalogue);
  const faults = findFaults(folder, catalogue);
  expect(faults.some((fault) => fault.startsWith('INTERNAL.md: there is no page'))).toBe(true);
  expect(faults.some((fault) => fault.startsWith('NO_SUCH_CODE.md: no such code'))).toBe(true);
  expect(faults.filter((fault) => fault.startsWith('FORBIDDEN.md: says nothing'))).toHaveLength(5);
});

it('notices a status that has changed, and writes it', () => {
  const folder = copyOfPages();
  const changed = { ...catalogue, FORBIDDEN: { status: 418, zh: '茶', en: 'tea', retryable: true } };
  expect(findFaults(folder, changed).map((fault) => fault.split(':')[0])).toEqual(['FORBIDDEN.md', 'README.md']);
  writeFacts(folder, changed);
  expect(findFaults(folder, changed)).toEqual([]);
});
