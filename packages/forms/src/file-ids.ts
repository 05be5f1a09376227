import type { FormField } from '@yunshang/contracts';

/** The files an answer to this field names, by id; none for fields that take no files. */
export function fileIds(field: FormField, value: unknown): string[] {
  if (field.type === 'image' || field.type === 'video') return typeof value === 'string' ? [value] : [];
  if (field.type !== 'images' || !Array.isArray(value)) return [];
  return value.filter((each) => typeof each === 'string');
}
