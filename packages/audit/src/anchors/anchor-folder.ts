import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnchorLine, claimedNumber, hashLine } from './anchor.ts';
import { AnchorTaken, type AnchorPlace, type PlacedAnchor } from './anchor-place.ts';

const FILE = /^anchors-\d{4}-\d{2}\.jsonl$/;
/** Of a file that is appended to only the end is looked at: a hundred anchors and more. */
const TAIL_BYTES = 65_536;

/**
 * One file of lines a month, only ever appended to and flushed to the disk. Two processes may append the same line twice, which
 * says the same. On Linux `chattr +a` on the folder keeps anybody but root from doing more.
 */
export function anchorFolder(path: string): AnchorPlace {
  return {
    name: 'folder',
    findLast: async () => {
      for (const name of (await filesOf(path)).toReversed()) {
        const [last] = numbered(await tailOf(path, name)).toSorted((one, other) => other.n - one.n);
        if (last !== undefined) return { n: last.n, hash: hashLine(last.line) };
      }
      return undefined;
    },
    list: (after) => listFrom(path, after),
    put: async ({ n, line, at }) => {
      await mkdir(path, { recursive: true, mode: 0o750 });
      const name = `anchors-${at.toISOString().slice(0, 7)}.jsonl`;
      const there = numbered(await tailOf(path, name)).find((known) => known.n === n);
      if (there?.line === line) return;
      if (there !== undefined) throw new AnchorTaken('folder', n);
      await append(path, name, line);
    },
  };
}

async function append(path: string, name: string, line: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
  const file = await open(join(path, name), flags, 0o640);
  try {
    // What a crash tore off does not swallow the next line.
    await file.write(`${(await endsTorn(join(path, name))) ? '\n' : ''}${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  // A file that is new is safe once its name is.
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function* listFrom(path: string, after: number): AsyncGenerator<PlacedAnchor> {
  for (const name of await filesOf(path))
    for (const { n, line } of numbered([...new Set(await linesOf(path, name))]))
      if (n > after) yield { n, hash: hashLine(line), line: async () => line };
}

/** Lines that say which anchor they are; what a crash tore off does not. */
function numbered(lines: readonly string[]): AnchorLine[] {
  return lines.flatMap((line) => {
    const n = claimedNumber(line);
    return n === undefined ? [] : [{ n, line }];
  });
}

async function filesOf(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).filter((name) => FILE.test(name)).toSorted();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function linesOf(path: string, name: string): Promise<string[]> {
  return (await readFile(join(path, name), 'utf8')).split('\n').filter((line) => line !== '');
}

/** The last whole lines of a file; none when it is not there. */
async function tailOf(path: string, name: string): Promise<string[]> {
  const text = await readEnd(join(path, name), TAIL_BYTES);
  const lines = text.split('\n').filter((line) => line !== '');
  return text.length < TAIL_BYTES ? lines : lines.slice(1);
}

async function endsTorn(path: string): Promise<boolean> {
  const end = await readEnd(path, 1);
  return end !== '' && end !== '\n';
}

async function readEnd(path: string, bytes: number): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(Math.min(bytes, size));
    await file.read(end, 0, end.length, size - end.length);
    return end.toString('latin1');
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
