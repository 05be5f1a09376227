import type { FieldIssue, FormField, FormSchema } from '@yunshang/contracts';
import { checkAnswers, checkField as checkFieldWith, type FormInput } from '@yunshang/forms';
import { fitsPattern } from './pattern.ts';

/** Everything wrong with these answers but their files, which checkAssets judges; empty when they can be used. */
export function checkForm(form: FormSchema, input: FormInput): FieldIssue[] {
  return checkAnswers(form, input, fitsPattern);
}

/** What is wrong with one answer. */
export function checkField(field: FormField, value: unknown): FieldIssue[] {
  return checkFieldWith(field, value, fitsPattern);
}
