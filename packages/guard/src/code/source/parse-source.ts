import { parseSync, type Comment, type Program } from 'oxc-parser';

/** Text that could be judged, or the reason why not. */
export type Parsed =
  | { readonly kind: 'parsed'; readonly program: Program; readonly comments: readonly Comment[] }
  | { readonly kind: 'unjudged'; readonly reason: string; readonly offset: number };

/** A generated bundle is larger than what people write by hand; it is named, not guessed at. */
export const MAX_BYTES = 2_000_000;
/** Brackets open at once; the parser and every walk over the tree are recursive. */
const MAX_DEPTH = 300;

/** Parses one file's text. Never throws. */
export function parseSource(path: string, text: string): Parsed {
  if (text.length > MAX_BYTES) return unjudged(`larger than ${MAX_BYTES / 1e6} MB`, 0);
  const deep = firstTooDeep(text);
  if (deep !== undefined) return unjudged(`brackets nested more than ${MAX_DEPTH} deep`, deep);
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
