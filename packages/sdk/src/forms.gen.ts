// Made by scripts/gen-forms.ts from packages/forms, the check the server uses. Do not edit.
import type { FeatureForm } from './types.ts';
import type { FieldIssue } from './wire-types.ts';

export type FormField = FeatureForm['fields'][number];

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

/** What of a form its check needs. */
export type Form = { readonly fields: readonly FormField[] };
export type FormInput = Readonly<Record<string, unknown>>;
type Dependency = NonNullable<FormField['dependencies']>[number];

/**
 * The fields these answers show. A field is shown when all its dependencies hold for what was answered, or for the default
 * where nothing was; a dependency on a field that is itself hidden does not hold.
 */
export function visibleFields(form: Form, input: FormInput): FormField[] {
  const answers = new Map<string, unknown>();
  const visible: FormField[] = [];
  for (const field of form.fields) {
    const shown = (field.dependencies ?? []).every((dependency) => holds(dependency, answers.get(dependency.field)));
    if (!shown) continue;
    visible.push(field);
    answers.set(field.key, Object.hasOwn(input, field.key) ? input[field.key] : field.defaultValue);
  }
  return visible;
}

/** The answers with the defaults of shown fields that were left out. */
export function fillDefaults<T>(
  form: Form,
  input: Readonly<Record<string, T>>,
): Record<string, T | string | number | boolean> {
  const filled: Record<string, T | string | number | boolean> = { ...input };
  for (const field of visibleFields(form, input))
    if (filled[field.key] === undefined && field.defaultValue !== undefined) filled[field.key] = field.defaultValue;
  return filled;
}

type Operator = (answer: unknown, value: Dependency['value']) => boolean;

const OPERATORS: Readonly<Record<Dependency['operator'], Operator>> = {
  equals: (answer, value) => isSame(answer, value),
  notEquals: (answer, value) => !isSame(answer, value),
  in: (answer, value) => isOneOf(answer, value),
  notIn: (answer, value) => !isOneOf(answer, value),
  greaterThan: (answer, value) => compare(answer, value) > 0,
  lessThan: (answer, value) => compare(answer, value) < 0,
};

function holds({ operator, value }: Dependency, answer: unknown): boolean {
  return answer !== undefined && OPERATORS[operator](answer, value);
}

function isSame(answer: unknown, value: Dependency['value']): boolean {
  return Array.isArray(value) ? JSON.stringify(answer) === JSON.stringify(value) : answer === value;
}

function isOneOf(answer: unknown, value: Dependency['value']): boolean {
  return Array.isArray(value) ? value.some((each) => each === answer) : answer === value;
}

/** Numbers by size, texts (dates) by order; 0, so neither greater nor less, for anything else. */
function compare(answer: unknown, value: Dependency['value']): number {
  if (typeof answer === 'number' && typeof value === 'number') return answer - value;
  if (typeof answer === 'string' && typeof value === 'string') return answer < value ? -1 : Number(answer > value);
  return 0;
}

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

/** What is known of a file. What is undefined is not known yet and not judged; null is known not to be. */
export type FileFacts = {
  readonly contentType?: string | undefined;
  readonly bytes: number;
  /** Pixels. */
  readonly width?: number | null | undefined;
  readonly height?: number | null | undefined;
  readonly durationMs?: number | null | undefined;
};

const FORMAT_OF_TYPE: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
};

/** What breaks the rules of its field in this file. */
export function checkFile(field: FormField, file: FileFacts): FieldIssue[] {
  return [
    ...checkFormat(field, file.contentType),
    ...checkSize(field, file.bytes),
    ...checkPixels(field, file),
    ...checkLength(field, file),
  ];
}

function checkFormat(field: FormField, contentType: string | undefined): FieldIssue[] {
  if (contentType === undefined) return [];
  const formats: readonly string[] =
    field.validation?.allowedFormats ?? (field.type === 'video' ? ['mp4'] : ['jpeg', 'png', 'webp']);
  const format = FORMAT_OF_TYPE[contentType];
  if (format !== undefined && formats.includes(format)) return [];
  const text = { zh: `仅支持 ${formats.join('、')} 格式`, en: `takes ${formats.join(', ')} only` };
  return [fieldIssue(field, 'allowedFormats', text)];
}

function checkSize(field: FormField, bytes: number): FieldIssue[] {
  const maxSize = field.validation?.maxSize;
  if (maxSize === undefined || bytes <= maxSize) return [];
  const most = sizeText(maxSize);
  return [fieldIssue(field, 'maxSize', { zh: `不能超过 ${most}`, en: `must not exceed ${most}` })];
}

/** `maxDuration` is in seconds; a tenth of one is nobody's fault. */
const LENGTH_GRACE_MS = 100;

function checkLength(field: FormField, { durationMs }: FileFacts): FieldIssue[] {
  const most = field.validation?.maxDuration;
  if (most === undefined || durationMs === undefined) return [];
  if (durationMs !== null && durationMs <= most * 1000 + LENGTH_GRACE_MS) return [];
  return [fieldIssue(field, 'maxDuration', { zh: `时长不能超过 ${most} 秒`, en: `must not exceed ${most} seconds` })];
}

function checkPixels(field: FormField, { width, height }: FileFacts): FieldIssue[] {
  const { minWidth, minHeight } = field.validation ?? {};
  const issues: FieldIssue[] = [];
  if (minWidth !== undefined && width !== undefined && (width ?? 0) < minWidth)
    issues.push(
      fieldIssue(field, 'minWidth', {
        zh: `宽度至少 ${minWidth} 像素`,
        en: `must be ${minWidth} pixels wide at least`,
      }),
    );
  if (minHeight !== undefined && height !== undefined && (height ?? 0) < minHeight)
    issues.push(
      fieldIssue(field, 'minHeight', {
        zh: `高度至少 ${minHeight} 像素`,
        en: `must be ${minHeight} pixels high at least`,
      }),
    );
  return issues;
}

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
