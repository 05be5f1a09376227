import type { FieldIssue, FormField } from '@yunshang/contracts';
import { fieldIssue, sizeText } from './field-issue.ts';

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
