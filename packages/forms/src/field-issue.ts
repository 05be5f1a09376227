import type { FieldIssue, FormField } from '@yunshang/contracts';

type IssueText = { zh: string; en: string };

/** An issue with the answer to one field: the label for Chinese readers, the key for English ones. */
export function fieldIssue(field: FormField, rule: string, text: IssueText): FieldIssue {
  return { field: `input.${field.key}`, rule, zh: `「${field.label}」${text.zh}`, en: `${field.key} ${text.en}` };
}

export function unknownKey(key: string): FieldIssue {
  return {
    field: `input.${key}`,
    rule: 'unknown',
    zh: '表单中没有这个字段',
    en: 'this field is not part of the form',
  };
}

/** Bytes in words: 10485760 → "10 MB". */
export function sizeText(bytes: number): string {
  if (bytes >= MB) return `${Math.round((bytes / MB) * 10) / 10} MB`;
  return `${Math.ceil(bytes / 1024)} KB`;
}

const MB = 1024 * 1024;
