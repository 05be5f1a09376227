import type { FieldIssue, FormSchema } from '@yunshang/contracts';
import { issueAt } from './issues.ts';

/**
 * What a new version takes away from what was published: a key stays for ever, with its type, because members' programs and
 * stored tasks answer to it. Fields may be added, reordered, made optional or hidden.
 */
export function frozenKeyIssues(
  form: FormSchema,
  earlier: readonly { version: number; form: FormSchema }[],
): FieldIssue[] {
  const frozen = new Map(
    earlier.flatMap(({ version, form: { fields } }) =>
      fields.map((field) => [field.key, { type: field.type, version }] as const),
    ),
  );
  return [...frozen].flatMap(([key, { type, version }]) => {
    const index = form.fields.findIndex((field) => field.key === key);
    const field = form.fields[index];
    if (field?.type === type) return [];
    if (field === undefined)
      return [
        issueAt(['fields'], {
          rule: 'frozen',
          zh: `已发布的第 ${version} 版有字段 ${key}，不能删除`,
          en: `version ${version} was published with the field ${key}, which can not be taken away`,
          mend: { zh: '保留它；不再使用时改为非必填', en: 'keep it; make it optional when it is no longer used' },
        }),
      ];
    return [
      issueAt(['fields', index, 'type'], {
        rule: 'frozen',
        zh: `已发布的第 ${version} 版中 ${key} 的类型是 ${type}，不能更改`,
        en: `${key} was published in version ${version} as ${type}, which can not change`,
        mend: { zh: `改回 ${type}，或用新的字段名`, en: `make it ${type} again, or use a new key` },
      }),
    ];
  });
}
