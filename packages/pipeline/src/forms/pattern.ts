import { RE2JS } from 're2js';

/** Forms are few and patterns fewer; the bound only keeps a long-lived process honest. */
const MAX_COMPILED = 500;
const compiled = new Map<string, RE2JS>();

/**
 * True when the whole text fits the pattern, as in HTML. RE2 takes time linear in the text for every pattern, so no answer
 * can hang the server; it knows no look-around and no back-references. Throws for a pattern that is none.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  let regex = compiled.get(pattern);
  if (regex === undefined) {
    regex = RE2JS.compile(pattern);
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(pattern, regex);
  }
  return regex.matches(text);
}
