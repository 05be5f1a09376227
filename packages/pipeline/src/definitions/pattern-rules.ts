import type { FieldIssue } from '@yunshang/contracts';
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { issueAt } from './issues.ts';

/** What RE2 has against a pattern, with the position (from 1) where it stumbles. */
export function patternIssues(pattern: string, path: readonly PropertyKey[]): FieldIssue[] {
  try {
    RE2JS.compile(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    const { at, part } = placeOf(pattern, error);
    return [
      issueAt(path, {
        rule: 'pattern',
        zh: `正则表达式第 ${at} 个字符处不可用：${part}`,
        en: `the pattern can not be used from character ${at}: ${part} (${error.error})`,
        mend: {
          zh: '使用 RE2 语法：没有前后查找（?= ?! ?<）和反向引用（\\1），括号需成对',
          en: 'use RE2 syntax: no look-around (?= ?! ?<), no back-references (\\1), brackets in pairs',
        },
      }),
    ];
  }
}

/** RE2 names the part it stumbles over; the whole pattern when something is missing at its end. */
function placeOf(pattern: string, error: RE2JSSyntaxException): { at: number; part: string } {
  const part = error.input ?? '';
  const index = part === pattern ? pattern.length : Math.max(0, pattern.indexOf(part));
  return { at: Math.min(index + 1, pattern.length), part };
}
