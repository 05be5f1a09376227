import type { FieldIssue } from '@yunshang/contracts';
import { z } from 'zod';

const inChinese = z.locales.zhCN().localeError;

const TYPES: Readonly<Record<string, string>> = {
  string: '文本',
  number: '数字',
  int: '整数',
  boolean: '布尔值',
  object: '对象',
  array: '数组',
  record: '对象',
};

/** What zod found, as one issue per field with a path such as `input.photo` and both languages. */
export function fieldIssues(error: z.core.$ZodError): FieldIssue[] {
  return error.issues.flatMap(issuesOf);
}

function issuesOf(issue: z.core.$ZodIssue): FieldIssue[] {
  const text = { zh: chineseOf(issue), en: issue.message };
  const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => ({ field: path.map(String).join('.'), rule: issue.code, ...text }));
}

/** zod keeps no input in its issues, so its Chinese words for a wrong type would name the wrong one. */
function chineseOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type')
    return issue.message.endsWith('received undefined') ? '必填' : `应为${TYPES[issue.expected] ?? issue.expected}`;
  const text = inChinese({ ...issue, input: undefined });
  return (typeof text === 'string' ? text : text?.message) ?? '内容不正确';
}
