/** A piece of SQL. `hole`: a value put into the text; `text` is its number. `depth`: brackets around it. */
export type Token = {
  readonly kind: 'word' | 'string' | 'number' | 'mark' | 'placeholder' | 'hole';
  readonly text: string;
  readonly depth: number;
  readonly at: number;
};

/** How a hole is written into the text that is read. */
export function holeMark(index: number): string {
  return `\u0001${index}\u0002`;
}

/** Statements longer than this are cut: what decides is at the beginning. */
const MAX_TOKENS = 4_000;

/** Splits SQL into tokens; comments are left out. Works in one pass, whatever the text. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let at = 0;
  while (at < sql.length && tokens.length < MAX_TOKENS) {
    const char = sql.charAt(at);
    const rest = at + 1;
    if (/\s/.test(char)) at += 1;
    else if (sql.startsWith('--', at) || char === '#') at = endOf(sql, '\n', at);
    else if (sql.startsWith('/*', at)) at = endOf(sql, '*/', at + 2);
    else if (char === '\u0001') {
      const end = endOf(sql, '\u0002', at);
      tokens.push({ kind: 'hole', text: sql.slice(rest, end - 1), depth, at });
      at = end;
    } else if (char === "'" || char === '"' || char === '`') {
      const end = quoteEnd(sql, at);
      const inner = sql.slice(rest, end - 1);
      tokens.push({
        kind: char === "'" || (char === '"' && !/^\w+$/.test(inner)) ? 'string' : 'word',
        text: inner,
        depth,
        at,
      });
      at = end;
    } else if (char === '?' || ((char === '$' || char === ':' || char === '@') && /[\w]/.test(sql.charAt(rest)))) {
      const end = wordEnd(sql, rest);
      tokens.push({ kind: 'placeholder', text: sql.slice(at, end), depth, at });
      at = Math.max(end, rest);
    } else if (/[\w\u0080-\uffff]/.test(char)) {
      const end = wordEnd(sql, at);
      const word = sql.slice(at, end);
      tokens.push({ kind: /^[\d.]+$/.test(word) ? 'number' : 'word', text: word, depth, at });
      at = end;
    } else {
      if (char === ')') depth = Math.max(0, depth - 1);
      const two = sql.slice(at, at + 2);
      const mark = ['>=', '<=', '<>', '!=', '||', '::', '->'].includes(two) ? two : char;
      tokens.push({ kind: 'mark', text: mark, depth, at });
      if (char === '(') depth += 1;
      at += mark.length;
    }
  }
  return tokens;
}

function endOf(sql: string, what: string, from: number): number {
  const found = sql.indexOf(what, from);
  return found < 0 ? sql.length : found + what.length;
}

function quoteEnd(sql: string, at: number): number {
  const quote = sql.charAt(at);
  for (let i = at + 1; i < sql.length; i += 1) {
    const char = sql.charAt(i);
    if (char === '\\' && quote !== '`') i += 1;
    else if (char === quote) return i + 1;
  }
  return sql.length;
}

function wordEnd(sql: string, from: number): number {
  let end = from;
  while (end < sql.length && /[\w$\u0080-\uffff]/.test(sql.charAt(end))) end += 1;
  return end;
}

/** The statements of a text with several. */
export function splitStatements(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'mark' && token.text === ';' && token.depth === 0) statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}
