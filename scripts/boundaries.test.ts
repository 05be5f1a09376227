import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('refuses', () => {
  test.each([
    [
      'a package that leaves its arrows',
      'packages/billing/src/a.ts',
      `import { x } from '@yunshang/pipeline';`,
      'arrows',
    ],
    ['a type that leaves the arrows', 'packages/db/src/a.ts', `import type { X } from '@yunshang/billing';`, 'arrows'],
    ['a re-export that leaves the arrows', 'packages/contracts/src/a.ts', `export * from '@yunshang/db';`, 'arrows'],
    [
      'a dynamic import that leaves the arrows',
      'packages/contracts/src/a.ts',
      `await import('@yunshang/db');`,
      'arrows',
    ],
    ['a template import', 'packages/contracts/src/a.ts', 'await import(`@yunshang/db`);', 'arrows'],
    ['an import type in a type', 'packages/contracts/src/a.ts', `export type A = import('@yunshang/db').Db;`, 'arrows'],
    ['a require', 'packages/contracts/src/a.cjs', `require('@yunshang/db');`, 'arrows'],
    ['a room that does not exist', 'packages/db/src/a.ts', `import '@yunshang/toolbox';`, 'arrows'],
    ['the engine leaning on a room', 'packages/image-engine/src/a.ts', `import '@yunshang/contracts';`, 'arrows'],
    ['queues used by a rule room', 'packages/billing/src/a.ts', `import '@yunshang/queue';`, 'arrows'],
    ['an app', 'e2e/src/a.ts', `import '@yunshang/server';`, 'apps'],
    ['an app by the SDK for more than types', 'packages/sdk/src/a.ts', `import '@yunshang/server';`, 'apps'],
    ['devstack outside tests', 'apps/server/src/a.ts', `import '@yunshang/devstack';`, 'devstack'],
    ['the inside of a room by name', 'packages/billing/src/a.ts', `import '@yunshang/db/src/x.ts';`, 'deep-import'],
    ['the inside of a room by path', 'packages/billing/src/a.ts', `import '../../db/src/x.ts';`, 'deep-import'],
    ['mysql2 outside db', 'packages/billing/src/a.ts', `import mysql from 'mysql2/promise';`, 'library'],
    ['bullmq outside queue', 'apps/worker/src/a.ts', `import { Queue } from 'bullmq';`, 'library'],
    ['fastify outside server and sandbox', 'apps/worker/src/a.ts', `import fastify from 'fastify';`, 'library'],
    ['tRPC outside server and SDK', 'packages/queue/src/a.ts', `import '@trpc/server/http';`, 'library'],
    ['process.env outside config.ts', 'apps/server/src/a.ts', `export const a = process.env.A;`, 'environment'],
    ['process["env"]', 'apps/server/src/a.ts', `export const a = process['env'];`, 'environment'],
    ['env taken out of process', 'apps/server/src/a.ts', `const { env } = process;`, 'environment'],
    ['env imported', 'apps/server/src/a.ts', `import { env } from 'node:process';`, 'environment'],
    ['a file that does not parse', 'packages/db/src/a.ts', `import {`, 'parse'],
    [
      'a manifest that leaves the arrows',
      'packages/db/package.json',
      manifest('dependencies', '@yunshang/billing'),
      'arrows',
    ],
    [
      'devstack as a dependency',
      'packages/db/package.json',
      manifest('dependencies', '@yunshang/devstack'),
      'devstack',
    ],
    [
      'a library far from home in a manifest',
      'apps/worker/package.json',
      manifest('dependencies', 'bullmq'),
      'library',
    ],
  ])('%s', (_, file, text, rule) => {
    const { output, status } = check({ 'README.md': '', [file]: `\n${text}` });

    expect(output).toContain(`${file}:${file.endsWith('.json') ? 3 : rule === 'parse' ? 1 : 2} [${rule}]`);
    expect(status).toBe(1);
  });
});

test('stays quiet where every import follows an arrow', () => {
  const { output, status } = check({
    'packages/billing/src/a.ts': `import { y } from './b.ts';\nimport '@yunshang/db';\nimport type { Z } from '@yunshang/contracts';`,
    'packages/billing/test/a.int.test.ts': `import '@yunshang/devstack/testing';\nimport '@yunshang/guard';`,
    'packages/sdk/src/a.ts': `import type { AppRouter } from '@yunshang/server';`,
    'packages/db/src/pool.ts': `import { createPool } from 'mysql2';`,
    'packages/queue/src/q.ts': `import { Queue } from 'bullmq';`,
    'apps/server/src/config.ts': `export const a = process.env['A'];`,
    'packages/billing/package.json': manifest('devDependencies', '@yunshang/devstack'),
  });

  expect(output).toBe('boundaries: every import follows an arrow\n');
  expect(status).toBe(0);
});

test('says how to mend', () => {
  const { output } = check({ 'packages/billing/src/a.ts': `import '@yunshang/pipeline';` });

  expect(output).toContain('packages/billing may use: contracts, db. Move the code to the room that owns it');
});

function manifest(kind: string, name: string): string {
  return `{ "${kind}": {\n"${name}": "1.0.0" } }`;
}

function check(files: Readonly<Record<string, string>>): { output: string; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'ys-boundaries-'));
  folders.push(folder);
  execFileSync('git', ['init', '-q', folder]);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const script = join(import.meta.dirname, 'boundaries.mjs');
  const run = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
  return { output: run.stdout + run.stderr, status: run.status };
}
