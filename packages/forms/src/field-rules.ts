import type { FieldIssue, FormField } from '@yunshang/contracts';
import { fieldIssue } from './field-issue.ts';

/** Characters that a form without a maxLength takes. */
const MAX_TEXT = 200;
const MAX_TEXTAREA = 2_000;
/** Pictures that a form without a maxCount takes. */
const MAX_COUNT = 50;

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

type Rules = NonNullable<FormField['validation']>;
/** Whether the whole text fits the pattern. */
export type FitsPattern = (pattern: string, text: string) => boolean;
type By = { rules: Rules; fitsPattern: FitsPattern };
type Judge = (field: FormField, value: unknown, by: By) => FieldIssue[];

/** What is wrong with one answer, whatever its type; files are judged by checkFile. */
export function checkField(field: FormField, value: unknown, fitsPattern: FitsPattern): FieldIssue[] {
  return JUDGES[field.type](field, value, { rules: field.validation ?? {}, fitsPattern });
}

/** An answer that says nothing: an empty text, an empty list, an unticked box. */
export function isBlank(value: unknown): boolean {
  return (
    value === undefined ||
    value === false ||
    (typeof value === 'string' && value.trim() === '') ||
    (Array.isArray(value) && value.length === 0)
  );
}

const wrongType = (field: FormField, zh: string, en: string): FieldIssue[] => [
  fieldIssue(field, 'type', { zh: `应为${zh}`, en: `must be ${en}` }),
];

const isText = (value: unknown): value is string => typeof value === 'string';
const isId = (value: unknown): value is string => isText(value) && ID.test(value);

function isListOf<T>(value: unknown, isOne: (each: unknown) => each is T): value is T[] {
  return Array.isArray(value) && value.every((each) => isOne(each));
}

function checkAssetId(field: FormField, value: unknown): FieldIssue[] {
  return isId(value) ? [] : wrongType(field, '已上传文件的编号', 'the id of an uploaded file');
}

function checkAssetIds(field: FormField, value: unknown, { rules }: By): FieldIssue[] {
  if (!isListOf(value, isId)) return wrongType(field, '已上传文件的编号列表', 'a list of ids of uploaded files');
  return checkList(field, value, rules);
}

function checkList(field: FormField, list: readonly string[], rules: Rules): FieldIssue[] {
  const max = rules.maxCount ?? MAX_COUNT;
  if (list.length > max) return [fieldIssue(field, 'maxCount', { zh: `最多 ${max} 个`, en: `takes ${max} at most` })];
  if (new Set(list).size < list.length)
    return [fieldIssue(field, 'distinct', { zh: '含有重复的内容', en: 'names the same thing twice' })];
  return [];
}

function checkText(field: FormField, value: unknown, { rules, fitsPattern }: By): FieldIssue[] {
  if (typeof value !== 'string') return wrongType(field, '文字', 'text');
  if (value === '') return [];
  // Half a surrogate pair is no character, and no database stores it as JSON.
  if (hasControlCharacters(value, field.type === 'textarea') || !value.isWellFormed())
    return [fieldIssue(field, 'characters', { zh: '含有不可见的控制字符', en: 'holds control characters' })];
  const length = Array.from(value).length;
  const max = rules.maxLength ?? (field.type === 'text' ? MAX_TEXT : MAX_TEXTAREA);
  if (length > max)
    return [fieldIssue(field, 'maxLength', { zh: `最多 ${max} 个字`, en: `takes ${max} characters at most` })];
  const min = rules.minLength ?? 0;
  if (length < min)
    return [fieldIssue(field, 'minLength', { zh: `至少 ${min} 个字`, en: `needs ${min} characters at least` })];
  if (rules.pattern !== undefined && !fitsPattern(rules.pattern, value))
    return [fieldIssue(field, 'pattern', { zh: '格式不正确', en: 'does not have the right form' })];
  return [];
}

function hasControlCharacters(text: string, lines: boolean): boolean {
  return Array.from(text).some((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (lines && (code === 9 || code === 10 || code === 13)) return false;
    return code < 32 || code === 127;
  });
}

function checkNumber(field: FormField, value: unknown, { rules }: By): FieldIssue[] {
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType(field, '数字', 'a number');
  if (rules.min !== undefined && value < rules.min)
    return [fieldIssue(field, 'min', { zh: `不能小于 ${rules.min}`, en: `must not be below ${rules.min}` })];
  if (rules.max !== undefined && value > rules.max)
    return [fieldIssue(field, 'max', { zh: `不能大于 ${rules.max}`, en: `must not be above ${rules.max}` })];
  if (rules.step !== undefined && !isOnStep(value - (rules.min ?? 0), rules.step))
    return [fieldIssue(field, 'step', { zh: `应按 ${rules.step} 递增`, en: `must go in steps of ${rules.step}` })];
  return [];
}

/** 0.3 is on a step of 0.1 although 0.3 / 0.1 is 2.9999999999999996. */
function isOnStep(distance: number, step: number): boolean {
  const steps = distance / step;
  return Math.abs(steps - Math.round(steps)) < 1e-9 * Math.max(1, Math.abs(steps));
}

function isOption(rules: Rules, value: string): boolean {
  return rules.options?.some((option) => option.value === value) ?? false;
}

const notAnOption = (field: FormField): FieldIssue[] => [
  fieldIssue(field, 'options', { zh: '不是可选的选项', en: 'is not one of the options' }),
];

function checkChoice(field: FormField, value: unknown, { rules }: By): FieldIssue[] {
  if (typeof value !== 'string') return wrongType(field, '一个选项', 'one option');
  return value === '' || isOption(rules, value) ? [] : notAnOption(field);
}

function checkChoices(field: FormField, value: unknown, { rules }: By): FieldIssue[] {
  if (!isListOf(value, isText)) return wrongType(field, '选项列表', 'a list of options');
  return value.every((each) => isOption(rules, each)) ? checkList(field, value, rules) : notAnOption(field);
}

function checkTick(field: FormField, value: unknown): FieldIssue[] {
  return typeof value === 'boolean' ? [] : wrongType(field, '是或否', 'true or false');
}

function checkColor(field: FormField, value: unknown): FieldIssue[] {
  if (value === '') return [];
  const ok = typeof value === 'string' && /^#[0-9a-fA-F]{6}$/.test(value);
  return ok ? [] : wrongType(field, '颜色，例如 #ff8800', 'a colour such as #ff8800');
}

/** A day there is: 2026-02-30 is none. */
function isDay(value: unknown): value is string {
  if (!isText(value) || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00.000Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

function checkDate(field: FormField, value: unknown, { rules }: By): FieldIssue[] {
  if (value === '') return [];
  if (!isDay(value)) return wrongType(field, '日期，例如 2026-01-31', 'a date such as 2026-01-31');
  if (rules.minDate !== undefined && value < rules.minDate)
    return [
      fieldIssue(field, 'minDate', { zh: `不能早于 ${rules.minDate}`, en: `must not be before ${rules.minDate}` }),
    ];
  if (rules.maxDate !== undefined && value > rules.maxDate)
    return [
      fieldIssue(field, 'maxDate', { zh: `不能晚于 ${rules.maxDate}`, en: `must not be after ${rules.maxDate}` }),
    ];
  return [];
}

const JUDGES: Readonly<Record<FormField['type'], Judge>> = {
  image: checkAssetId,
  video: checkAssetId,
  images: checkAssetIds,
  text: checkText,
  textarea: checkText,
  number: checkNumber,
  slider: checkNumber,
  select: checkChoice,
  radio: checkChoice,
  checkbox: (field, value, by) =>
    by.rules.options === undefined ? checkTick(field, value) : checkChoices(field, value, by),
  color: checkColor,
  date: checkDate,
};
