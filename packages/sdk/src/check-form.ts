import { visibleFields, type FormAnswers, type FormField } from './form-fields.ts';
import type { FeatureForm } from './types.ts';
import type { FieldIssue } from './wire-types.ts';

/** What a form without these rules takes; the server's own numbers. */
const MAX_TEXT = 200;
const MAX_TEXTAREA = 2_000;
const MAX_COUNT = 50;
const MAX_UNKNOWN = 20;

type Rules = NonNullable<FormField['validation']>;
type Judge = (field: FormField, value: unknown, rules: Rules) => FieldIssue[];

/**
 * Everything wrong with these answers, as the server would say it, before anything is sent; empty when they can be sent. Files
 * are named by asset id and judged by the server alone, which checks all the rest again.
 */
export function checkForm(form: Pick<FeatureForm, 'fields'>, answers: FormAnswers): FieldIssue[] {
  const known = new Set(form.fields.map((field) => field.key));
  const visible = new Set(visibleFields(form, answers));
  const issues = form.fields.flatMap((field) => {
    const value = Object.hasOwn(answers, field.key) ? answers[field.key] : undefined;
    if (!visible.has(field))
      return value === undefined
        ? []
        : issue(field, 'hidden', '在当前选择下不可填写', 'can not be given with these answers');
    if (field.required && isBlank(value) && (value !== undefined || field.defaultValue === undefined))
      return issue(field, 'required', '为必填项', 'is required');
    return value === undefined ? [] : JUDGES[field.type](field, value, field.validation ?? {});
  });
  const unknown = Object.keys(answers).filter((key) => !known.has(key));
  return [...issues, ...unknown.slice(0, MAX_UNKNOWN).map(unknownKey)];
}

function unknownKey(key: string): FieldIssue {
  const en = 'this field is not part of the form';
  return { field: `input.${key}`, rule: 'unknown', zh: '表单中没有这个字段', en };
}

function issue({ key, label }: FormField, rule: string, zh: string, en: string): FieldIssue[] {
  return [{ field: `input.${key}`, rule, zh: `「${label}」${zh}`, en: `${key} ${en}` }];
}

const wrongType = (field: FormField, zh: string, en: string): FieldIssue[] =>
  issue(field, 'type', `应为${zh}`, `must be ${en}`);

function isBlank(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0);
}

const isId = (value: unknown): boolean => typeof value === 'string' && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(value);
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

const assetId: Judge = (field, value) =>
  isId(value) ? [] : wrongType(field, '已上传文件的编号', 'the id of an uploaded file');

const assetIds: Judge = (field, value, rules) =>
  isTexts(value) && value.every(isId)
    ? list(field, value, rules)
    : wrongType(field, '已上传文件的编号列表', 'a list of ids of uploaded files');

function list(field: FormField, values: readonly string[], rules: Rules): FieldIssue[] {
  const max = rules.maxCount ?? MAX_COUNT;
  if (values.length > max) return issue(field, 'maxCount', `最多 ${max} 个`, `takes ${max} at most`);
  if (new Set(values).size === values.length) return [];
  return issue(field, 'distinct', '含有重复的内容', 'names the same thing twice');
}

const text: Judge = (field, value, rules) => {
  if (typeof value !== 'string') return wrongType(field, '文字', 'text');
  if (value === '') return [];
  if (hasControls(value, field.type === 'textarea'))
    return issue(field, 'characters', '含有不可见的控制字符', 'holds control characters');
  const length = Array.from(value).length;
  const max = rules.maxLength ?? (field.type === 'text' ? MAX_TEXT : MAX_TEXTAREA);
  const min = rules.minLength ?? 0;
  if (length > max) return issue(field, 'maxLength', `最多 ${max} 个字`, `takes ${max} characters at most`);
  if (length < min) return issue(field, 'minLength', `至少 ${min} 个字`, `needs ${min} characters at least`);
  if (rules.pattern === undefined || fits(rules.pattern, value)) return [];
  return issue(field, 'pattern', '格式不正确', 'does not have the right form');
};

function hasControls(value: string, lines: boolean): boolean {
  return Array.from(value).some((character) => {
    const code = character.codePointAt(0) ?? 0;
    return (code < 32 || code === 127) && !(lines && (code === 9 || code === 10 || code === 13));
  });
}

/** True also for a pattern that only the server's engine (RE2) can read: it will be judged there. */
function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(value);
  } catch {
    return true;
  }
}

const number: Judge = (field, value, { min, max, step }) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType(field, '数字', 'a number');
  if (min !== undefined && value < min) return issue(field, 'min', `不能小于 ${min}`, `must not be below ${min}`);
  if (max !== undefined && value > max) return issue(field, 'max', `不能大于 ${max}`, `must not be above ${max}`);
  const steps = (value - (min ?? 0)) / (step ?? 1);
  // 0.3 is on a step of 0.1 although 0.3 / 0.1 is 2.9999999999999996.
  const isOn = Math.abs(steps - Math.round(steps)) < 1e-9 * Math.max(1, Math.abs(steps));
  return step === undefined || isOn ? [] : issue(field, 'step', `应按 ${step} 递增`, `must go in steps of ${step}`);
};

const isOption = (rules: Rules, value: string): boolean => rules.options?.some((each) => each.value === value) ?? false;
const notAnOption = (field: FormField): FieldIssue[] =>
  issue(field, 'options', '不是可选的选项', 'is not one of the options');

const choice: Judge = (field, value, rules) => {
  if (typeof value !== 'string') return wrongType(field, '一个选项', 'one option');
  return value === '' || isOption(rules, value) ? [] : notAnOption(field);
};

const ticks: Judge = (field, value, rules) => {
  if (rules.options === undefined) return typeof value === 'boolean' ? [] : wrongType(field, '是或否', 'true or false');
  if (!isTexts(value)) return wrongType(field, '选项列表', 'a list of options');
  return value.every((each) => isOption(rules, each)) ? list(field, value, rules) : notAnOption(field);
};

const color: Judge = (field, value) =>
  value === '' || (typeof value === 'string' && /^#[0-9a-fA-F]{6}$/.test(value))
    ? []
    : wrongType(field, '颜色，例如 #ff8800', 'a colour such as #ff8800');

const date: Judge = (field, value, { minDate, maxDate }) => {
  if (value === '') return [];
  if (!isDate(value)) return wrongType(field, '日期，例如 2026-01-31', 'a date such as 2026-01-31');
  if (minDate !== undefined && value < minDate)
    return issue(field, 'minDate', `不能早于 ${minDate}`, `must not be before ${minDate}`);
  if (maxDate !== undefined && value > maxDate)
    return issue(field, 'maxDate', `不能晚于 ${maxDate}`, `must not be after ${maxDate}`);
  return [];
};

/** A day of the calendar: 2026-02-30 is none. */
function isDate(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

const JUDGES: Readonly<Record<FormField['type'], Judge>> = {
  image: assetId,
  images: assetIds,
  video: assetId,
  text,
  textarea: text,
  number,
  slider: number,
  select: choice,
  radio: choice,
  checkbox: ticks,
  color,
  date,
};
