import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
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
 * gives that file. Links are not followed. Throws when the path is not there.
 */
export function findSources(root: string, options: FindOptions = {}): SourceFile[] {
  const isFile = statSync(root).isFile();
  const from = options.from ?? (isFile ? dirname(root) : root);
  const nameOf = (path: string): string => relative(from, path).split(sep).join('/');
  if (isFile) return [readSource(root, nameOf(root))];
  const { paths, closed } = listSources(root, options);
  return [
    ...closed.map(({ path, reason }) => ({ path: nameOf(path), reason })),
    ...paths.map((path) => readSource(path, nameOf(path))),
  ];
}

/** Paths of what is to be read, and folders that could not be opened. */
export type Listing = {
  readonly paths: string[];
  readonly closed: { readonly path: string; readonly reason: string }[];
};

export function listSources(root: string, { withTests = false }: FindOptions = {}): Listing {
  const listing: Listing = { paths: [], closed: [] };
  list(root, withTests, listing);
  listing.paths.sort();
  return listing;
}

function list(folder: string, withTests: boolean, listing: Listing): void {
  for (const entry of entriesOf(folder, listing)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (isWantedFolder(entry.name, withTests)) list(path, withTests, listing);
    } else if (entry.isFile() && isWanted(entry.name, withTests)) listing.paths.push(path);
  }
}

function entriesOf(folder: string, { closed }: Listing): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    closed.push({ path: folder, reason: `could not be opened: ${codeOf(error)}` });
    return [];
  }
}

function isWantedFolder(name: string, withTests: boolean): boolean {
  if (name.startsWith('.') || SKIPPED_FOLDERS.has(name)) return false;
  return withTests || !TEST_FOLDERS.has(name);
}

function isWanted(name: string, withTests: boolean): boolean {
  if (SCHEMA.test(name) || name === 'package.json') return true;
  return CODE.test(name) && !GENERATED.test(name) && (withTests || !TESTS.test(name));
}

/** Code, as opposed to a schema or a manifest. */
export function isCode(name: string): boolean {
  return CODE.test(name);
}

/** Whether listSources would name the path: relative to its root, with forward slashes. */
export function isSourcePath(path: string): boolean {
  const folders = path.split('/');
  const name = folders.pop() ?? '';
  return folders.every((folder) => isWantedFolder(folder, false)) && isWanted(name, false);
}

/** Reads a file that is called `name` in reports. */
export function readSource(path: string, name: string): SourceFile {
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) return { path: name, reason: `larger than ${MAX_BYTES / 1e6} MB` };
    const bytes = readFileSync(path);
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
