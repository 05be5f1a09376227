// Makes src/contract.gen.ts from the declarations of the server's router: node --conditions=yunshang-src scripts/gen-contract.ts [--check]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ERRORS } from '@yunshang/contracts';

const sdk = join(import.meta.dirname, '..');
const repository = join(sdk, '..', '..');
const target = join(sdk, 'src', 'contract.gen.ts');

/** What of the server may be named in the declarations, and what stands for it in the SDK. */
const REPLACED = [
  [/import\("\.\/trpc\/(?:context|trpc)\.ts"\)\.(?:Context|Meta)/g, 'object'],
  [/import\("\.\/errors\/error-answer\.ts"\)\.ErrorAnswer/g, 'ErrorAnswer'],
  [/import\("zod"\)\.JSONType/g, 'JsonValue'],
  [/import\("@trpc\/server(?:\/unstable-core-do-not-import)?"\)\.(\w+)/g, '$1'],
  [/errorShape: \{[^{}]*data: ErrorAnswer;\s*\}/g, 'errorShape: ErrorShape'],
] as const satisfies readonly (readonly [RegExp, string])[];

const made = contractOf(routerDeclarations());
if (process.argv.includes('--check')) {
  if (made !== readFileSync(target, 'utf8')) {
    console.error(
      'src/contract.gen.ts is not what the server’s router says; run: pnpm --filter @yunshang/sdk contract',
    );
    process.exit(1);
  }
  console.log('the contract is up to date');
} else {
  writeFileSync(target, made);
  console.log(`made ${target} (${made.length} characters)`);
}

function routerDeclarations(): string {
  const folder = mkdtempSync(join(tmpdir(), 'contract-'));
  const server = join(repository, 'apps', 'server');
  const project = {
    extends: join(repository, 'tsconfig.base.json'),
    compilerOptions: {
      customConditions: ['yunshang-src'],
      emitDeclarationOnly: true,
      sourceMap: false,
      // The rooms behind the router have their own type checks.
      noEmitOnError: false,
      rootDir: repository,
      outDir: folder,
      typeRoots: [join(server, 'node_modules', '@types')],
    },
    files: [join(server, 'src', 'router.ts')],
  };
  try {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    runTsc(join(server, 'node_modules', '.bin', 'tsc'), join(folder, 'tsconfig.json'));
    return readFileSync(join(folder, 'apps', 'server', 'src', 'router.d.ts'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runTsc(tsc: string, project: string): void {
  try {
    execFileSync(tsc, ['-p', project], { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    // Exit 1 says that there were type errors; the declarations are written all the same.
    if (!(error instanceof Error && 'status' in error && (error.status === 1 || error.status === 2))) throw error;
  }
}

function contractOf(declarations: string): string {
  const names = new Set([...declarations.matchAll(/import\("@trpc\/server"\)\.(\w+)/g)].map((match) => match[1] ?? ''));
  const body = REPLACED.reduce((text, [pattern, by]) => text.replaceAll(pattern, by), declarations)
    .replace('export declare const appRouter', 'declare const appRouter')
    .replace(
      "/** The whole API. tRPC serves it under /trpc, the REST mirror under /api, and the SDK's types are made from it. */\n",
      '',
    );
  const left = /import\([^)]*\)(?:\.\w+)?/.exec(body);
  if (left !== null)
    throw new Error(`the router's declarations name ${left[0]}: infer it from zod, or teach this script`);
  const codes = Object.keys(ERRORS).map((code) => `  | '${code}'`);
  return `// Made by scripts/gen-contract.ts from the server's router and the error catalogue. Do not edit.
import type { ${[...names].toSorted().join(', ')} } from '@trpc/server';
import type { TrackedData } from '@trpc/server/unstable-core-do-not-import';
import type { ErrorShape, JsonValue } from './wire-types.ts';

/** Every code the API answers; docs/errors has a page for each. */
export type ApiErrorCode =
${codes.join('\n')};

${body}`;
}
