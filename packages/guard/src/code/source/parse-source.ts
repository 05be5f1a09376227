import { parseSync, type Comment, type Program } from 'oxc-parser';

/** Text that could be judged, or the reason why not. */
export type Parsed =
  | { readonly kind: 'parsed'; readonly program: Program; readonly comments: readonly Comment[] }
  | { readonly kind: 'unjudged'; readonly reason: string; readonly offset: number };

/** A generated bundle is larger than what people write by hand; it is named, not guessed at. */
export const MAX_BYTES = 2_000_000;
/** Brackets open at once; the parser and every walk over the tree are recursive. */
const MAX_DEPTH = 300;

/** Words and signs without a bracket, comma or semicolon: `a => a => …` nests without brackets, and the parser has one stack. */
const MAX_STRETCH = 8_000;

/** Parses one file's text. Never throws. */
export function parseSource(path: string, text: string): Parsed {
  if (text.length > MAX_BYTES) return unjudged(`larger than ${MAX_BYTES / 1e6} MB`, 0);
  const deep = firstTooDeep(text);
  if (deep !== undefined) return unjudged(`brackets nested more than ${MAX_DEPTH} deep`, deep);
  const long = firstTooLong(text);
  if (long !== undefined) return unjudged(`nested too deep: ${MAX_STRETCH} words without an end`, long);
  try {
    const result = parseSync(path, text, { preserveParens: false, ...languageOf(path) });
    const fatal = result.errors.find(({ severity }) => severity.toString() === 'Error');
    if (fatal !== undefined) return unjudged(`does not parse: ${fatal.message}`, fatal.labels[0]?.start ?? 0);
    return { kind: 'parsed', program: result.program, comments: result.comments };
  } catch (error) {
    return unjudged(`does not parse: ${error instanceof Error ? error.message : 'unknown error'}`, 0);
  }
}

function unjudged(reason: string, offset: number): Parsed {
  return { kind: 'unjudged', reason, offset };
}

/** Plain JavaScript may carry JSX whatever its name says. */
function languageOf(path: string): { lang?: 'jsx' } {
  return /\.[cm]?js$/.test(path) ? { lang: 'jsx' } : {};
}

/** Where brackets get too deep, strings and comments not looked at: a text that only seems deep is far from the limit. */
function firstTooDeep(text: string): number | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x28 || code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return i;
    } else if ((code === 0x29 || code === 0x5d || code === 0x7d) && depth > 0) depth -= 1;
  }
  return undefined;
}

const PIECE = /\/\/[^\n]*|\/\*[^]*?\*\/|'(?:[^'\\\n]|\\[^]){0,8000}'|"(?:[^"\\\n]|\\[^]){0,8000}"|[\w$]+|[{};,]|\S/g;

/** Where a stretch gets too long. */
function firstTooLong(text: string): number | undefined {
  if (text.length < MAX_STRETCH * 2) return undefined;
  let length = 0;
  for (const { 0: piece, index } of text.matchAll(PIECE)) {
    const isEnd = piece === '{' || piece === '}' || piece === ';' || piece === ',';
    if (isEnd) length = 0;
    else if (!piece.startsWith('//') && !piece.startsWith('/*')) length += 1;
    if (length > MAX_STRETCH) return index;
  }
  return undefined;
}
