import type { FieldIssue, FormField, FormSchema } from '@yunshang/contracts';
import { fieldIssue, sizeText } from './field-issue.ts';
import { visibleFields, type FormInput } from './visible-fields.ts';

/** What is known of a file from its bytes. */
export type InputAsset = {
  readonly id: string;
  readonly userId: string;
  readonly kind: string;
  readonly status: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly width: number | null;
  readonly height: number | null;
};
export type InputAssets = { readonly userId: string; readonly assets: ReadonlyMap<string, InputAsset> };

const FORMAT_OF_TYPE: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
};

/** The files that the shown fields name, each once. */
export function inputAssetIds(form: FormSchema, input: FormInput): string[] {
  return [...new Set(visibleFields(form, input).flatMap((field) => idsOf(field, input[field.key])))];
}

/**
 * Everything wrong with the files these answers name: each must be there, be the caller's and ready, and keep the rules
 * of its field by what its bytes are. A file of somebody else and one that is not there are told apart by nobody.
 */
export function checkAssets(form: FormSchema, input: FormInput, known: InputAssets): FieldIssue[] {
  return visibleFields(form, input).flatMap((field) =>
    idsOf(field, input[field.key]).flatMap((id) => {
      const asset = known.assets.get(id);
      if (asset === undefined || asset.userId !== known.userId || asset.status === 'deleted')
        return [fieldIssue(field, 'asset', { zh: '所选文件不存在', en: 'names a file that is not there' })];
      if (asset.status === 'refused')
        return [fieldIssue(field, 'refused', { zh: '所选文件未通过检查', en: 'names a file that was refused' })];
      if (asset.status !== 'ready')
        return [
          fieldIssue(field, 'upload', { zh: '所选文件尚未上传完成', en: 'names a file that is not uploaded yet' }),
        ];
      return checkAsset(field, asset);
    }),
  );
}

function idsOf(field: FormField, value: unknown): string[] {
  if (field.type === 'image' || field.type === 'video') return typeof value === 'string' ? [value] : [];
  if (field.type !== 'images' || !Array.isArray(value)) return [];
  return value.filter((each) => typeof each === 'string');
}

function checkAsset(field: FormField, asset: InputAsset): FieldIssue[] {
  const rules = field.validation ?? {};
  const formats: readonly string[] =
    rules.allowedFormats ?? (field.type === 'video' ? ['mp4'] : ['jpeg', 'png', 'webp']);
  const format = FORMAT_OF_TYPE[asset.contentType];
  const issues: FieldIssue[] = [];
  if (format === undefined || !formats.includes(format))
    issues.push(
      fieldIssue(field, 'allowedFormats', {
        zh: `仅支持 ${formats.join('、')} 格式`,
        en: `takes ${formats.join(', ')} only`,
      }),
    );
  if (rules.maxSize !== undefined && asset.bytes > rules.maxSize)
    issues.push(
      fieldIssue(field, 'maxSize', {
        zh: `不能超过 ${sizeText(rules.maxSize)}`,
        en: `must not exceed ${sizeText(rules.maxSize)}`,
      }),
    );
  if (rules.minWidth !== undefined && (asset.width ?? 0) < rules.minWidth)
    issues.push(
      fieldIssue(field, 'minWidth', {
        zh: `宽度至少 ${rules.minWidth} 像素`,
        en: `must be ${rules.minWidth} pixels wide at least`,
      }),
    );
  if (rules.minHeight !== undefined && (asset.height ?? 0) < rules.minHeight)
    issues.push(
      fieldIssue(field, 'minHeight', {
        zh: `高度至少 ${rules.minHeight} 像素`,
        en: `must be ${rules.minHeight} pixels high at least`,
      }),
    );
  return issues;
}
