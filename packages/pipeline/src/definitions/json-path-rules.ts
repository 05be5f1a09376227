import type { FieldIssue } from '@yunshang/contracts';
import { JSONPath } from 'jsonpath-plus';
import { issueAt } from './issues.ts';

/** What is wrong with a JSONPath of an outputMapping: it may name, index, slice and search, and never compute. */
export function jsonPathIssues(jsonPath: string, path: readonly PropertyKey[]): FieldIssue[] {
  const parts = partsOf(jsonPath);
  const script = parts?.find((part) => /^\??\(/.test(part));
  if (script !== undefined)
    return [
      issueAt(path, {
        rule: 'script',
        zh: `JSONPath 不能含有脚本或筛选：${script}`,
        en: `a JSONPath may hold no script or filter: ${script}`,
        mend: { zh: '直接写出路径，例如 $.results[0].url', en: 'name the place itself, such as $.results[0].url' },
      }),
    ];
  if (parts !== undefined && parts[0] === '$' && isBalanced(jsonPath) && parts.slice(1).every(isPlain)) return [];
  return [
    issueAt(path, {
      rule: 'json_path',
      zh: 'JSONPath 写法不正确',
      en: 'the JSONPath can not be read',
      mend: {
        zh: '写成 $.name、$.list[0].name 或 $.list[*].name',
        en: 'write $.name, $.list[0].name or $.list[*].name',
      },
    }),
  ];
}

function partsOf(jsonPath: string): string[] | undefined {
  try {
    return JSONPath.toPathArray(jsonPath).map(String);
  } catch {
    return undefined;
  }
}

/** A name, an index, a slice, `*` or `..`; the library's own extensions (^ ~ @type `) are left out. */
function isPlain(part: string): boolean {
  return (
    part !== '' &&
    (part === '*' || part === '..' || /^-?\d*(:-?\d*){1,2}$/.test(part) || /^[^^~@`$()?*[\]]+$/.test(part))
  );
}

/** The library reads `$.a[` and `$.a]` without complaint. */
function isBalanced(jsonPath: string): boolean {
  const outside = jsonPath.replaceAll(/\[('[^']*'|"[^"]*"|[^[\]'"]+)\]/g, '');
  return !/[[\]'"]/.test(outside) && !outside.endsWith('.');
}
