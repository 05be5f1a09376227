import type { FieldIssue } from '@yunshang/contracts';
import { fieldIssue, unknownKey } from './field-issue.ts';
import { checkField, type FitsPattern, isBlank } from './field-rules.ts';
import { type Form, type FormInput, visibleFields } from './visible-fields.ts';

/** A form has 50 fields at most; naming more unknown keys than this helps nobody. */
const MAX_UNKNOWN = 20;

/**
 * Everything wrong with these answers, in the order of the form; empty when they can be used. Files are named by id here and
 * judged by checkFile. Keys the form does not have, and fields its answers hide, are refused.
 */
export function checkAnswers(form: Form, input: FormInput, fitsPattern: FitsPattern): FieldIssue[] {
  const known = new Set(form.fields.map((field) => field.key));
  const unknown = Object.keys(input).filter((key) => !known.has(key));
  const visible = new Set(visibleFields(form, input));
  const issues = form.fields.flatMap((field): FieldIssue[] => {
    const value = Object.hasOwn(input, field.key) ? input[field.key] : undefined;
    if (!visible.has(field))
      return value === undefined
        ? []
        : [fieldIssue(field, 'hidden', { zh: '在当前选择下不可填写', en: 'can not be given with these answers' })];
    if (field.required && isBlank(value) && (value !== undefined || field.defaultValue === undefined))
      return [fieldIssue(field, 'required', { zh: '为必填项', en: 'is required' })];
    return value === undefined ? [] : checkField(field, value, fitsPattern);
  });
  return [...issues, ...unknown.slice(0, MAX_UNKNOWN).map(unknownKey)];
}
