import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** `text` is undefined when the file could not be read as text; then `reason` says why. */
export type SourceFile = { readonly path: string } & (
  | { readonly text: string }
  | { readonly text?: undefined; readonly reason: string }
);

const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const SCHEMA = /\.(?:sql|prisma)$/;
const SKIPPED_FOLDERS = new Set([
  'node_modules',
  'dist',
  'build',
  'out',
  'coverage',
  'vendor',
  'generated',
  '__generated__',
  'public',
  'static',
]);
const GENERATED = /(?:\.gen|\.generated|\.min|\.bundle|\.d)\.[cm]?[jt]sx?$|\.d\.[cm]?ts$/;
const TESTS = /(?:\.|-|_)(?:test|spec|e2e|bench|stories|story)\.[cm]?[jt]sx?$/;
const TEST_FOLDERS = new Set([
  'test',
  'tests',
  '__tests__',
  '__mocks__',
  'spec',
  'e2e',
  'bench',
  'benchmark',
  'benchmarks',
  'fixtures',
  'cypress',
]);
/** Read whole only below this; a larger one is named as not judged. */
const MAX_BYTES = 8_000_000;

export type FindOptions = {
  /** Tests and benches too. */
  readonly withTests?: boolean;
  /** Files are named relative to this; to the root unless given. */
  readonly from?: string;
};

/**
 * The code below `root` that people wrote, with the schema files it may mean (SQL, Prisma), in a fixed order. A path to one file
 * gives that file. Links are not followed.
 */
export async function findSources(root: string, options: FindOptions = {}): Promise<SourceFile[]> {
  const info = await stat(root);
  const from = options.from ?? (info.isFile() ? dirname(root) : root);
  const nameOf = (path: string): string => relative(from, path).split(sep).join('/');
  if (info.isFile()) return [await readSource(root, nameOf(root))];
  const paths: string[] = [];
  const closed: SourceFile[] = [];
  await list({ folder: root, found: paths, closed, nameOf, withTests: options.withTests ?? false });
  const files: SourceFile[] = closed;
  for (const path of paths.sort()) files.push(await readSource(path, nameOf(path)));
  return files;
}

type Listing = {
  readonly folder: string;
  readonly found: string[];
  /** Folders that could not be opened. */
  readonly closed: SourceFile[];
  readonly nameOf: (path: string) => string;
  readonly withTests: boolean;
};

async function list(listing: Listing): Promise<void> {
  const { folder, found, closed, nameOf, withTests } = listing;
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    closed.push({ path: nameOf(folder), reason: `could not be opened: ${codeOf(error)}` });
    return [];
  });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name.startsWith('.') || SKIPPED_FOLDERS.has(entry.name)) continue;
      if (!withTests && TEST_FOLDERS.has(entry.name)) continue;
      await list({ ...listing, folder: path });
    } else if (entry.isFile() && isWanted(entry.name, withTests)) found.push(path);
  }
}

function isWanted(name: string, withTests: boolean): boolean {
  if (SCHEMA.test(name) || name === 'package.json') return true;
  return CODE.test(name) && !GENERATED.test(name) && (withTests || !TESTS.test(name));
}

async function readSource(path: string, name: string): Promise<SourceFile> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) return { path: name, reason: `larger than ${MAX_BYTES / 1e6} MB` };
    const bytes = await readFile(path);
    if (bytes.includes(0)) return { path: name, reason: 'not a text file' };
    return { path: name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    const code = codeOf(error);
    return { path: name, reason: code.startsWith('ERR_ENCODING') ? 'not UTF-8' : `could not be read: ${code}` };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
