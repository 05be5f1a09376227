import { AppError, type Bilingual, type FieldIssue } from '@yunshang/contracts';
import { z } from 'zod';

export type IssueText = { rule: string; zh: string; en: string; mend: Bilingual };
type Path = readonly PropertyKey[];

/** More issues than this help nobody. */
const MAX_ISSUES = 100;
const inChinese = z.locales.zhCN().localeError;

/** One thing wrong with a definition; the path is dotted. */
export function issueAt(path: Path, text: IssueText): FieldIssue {
  return { field: path.map(String).join('.'), ...text };
}

/** The same issues of a part, named from the whole. */
export function issuesWithin(path: Path, issues: readonly FieldIssue[]): FieldIssue[] {
  const prefix = path.map(String).join('.');
  return issues.map((issue) => ({ ...issue, field: issue.field === '' ? prefix : `${prefix}.${issue.field}` }));
}

/** Throws DEFINITION_INVALID with all of these, when there are any. */
export function assertNoIssues(issues: readonly FieldIssue[]): void {
  if (issues.length > 0) throw new AppError('DEFINITION_INVALID', { issues: issues.slice(0, MAX_ISSUES) });
}

/** The value, or every issue that its schema finds. */
export function readShape<T>(schema: z.ZodType<T>, value: unknown): { value: T } | { issues: FieldIssue[] } {
  const read = schema.safeParse(value);
  return read.success ? { value: read.data } : { issues: read.error.issues.flatMap(fromZod) };
}

/** The value; throws DEFINITION_INVALID. */
export function parseShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = readShape(schema, value);
  if ('value' in read) return read.value;
  assertNoIssues(read.issues);
  throw new AppError('DEFINITION_INVALID');
}

function fromZod(issue: z.core.$ZodIssue): FieldIssue[] {
  const said = saidByUs(issue);
  if (said !== undefined) return [issueAt(issue.path, said)];
  const text = { rule: issue.code, zh: chineseOf(issue), en: issue.message, mend: mendOf(issue) };
  const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => issueAt(path, text));
}

const ownParams = z.object({ rule: z.string(), zh: z.string(), mend: z.object({ zh: z.string(), en: z.string() }) });

function saidByUs(issue: z.core.$ZodIssue): IssueText | undefined {
  if (issue.code !== 'custom') return undefined;
  const own = ownParams.safeParse(issue.params);
  return own.success ? { ...own.data, en: issue.message } : undefined;
}

function chineseOf(issue: z.core.$ZodIssue): string {
  if (isMissing(issue)) return '必填';
  if (issue.code === 'invalid_type') return `类型不正确，应为 ${issue.expected}`;
  const text = inChinese({ ...issue, input: undefined });
  return (typeof text === 'string' ? text : text?.message) ?? '内容不正确';
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
}

function mendOf(issue: z.core.$ZodIssue): Bilingual {
  switch (issue.code) {
    case 'unrecognized_keys':
      return { zh: '删除这个字段，或检查拼写', en: 'delete the field, or mind its spelling' };
    case 'invalid_type':
      return isMissing(issue)
        ? { zh: '补上这个字段', en: 'add the field' }
        : { zh: `改为 ${issue.expected}`, en: `make it ${issue.expected}` };
    case 'invalid_value':
      return { zh: `改为其中之一：${issue.values.join('、')}`, en: `use one of ${issue.values.join(', ')}` };
    case 'too_small':
      return { zh: `不小于 ${issue.minimum}`, en: `give ${issue.minimum} or more` };
    case 'too_big':
      return { zh: `不大于 ${issue.maximum}`, en: `give ${issue.maximum} or less` };
    case 'invalid_format':
      return {
        zh: `符合格式：${issue.pattern ?? issue.format}`,
        en: `follow the form: ${issue.pattern ?? issue.format}`,
      };
    default:
      return { zh: '按 docs/specs 中的说明修改', en: 'see docs/specs for what goes here' };
  }
}
