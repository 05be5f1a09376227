import type { FieldIssue, FormSchema } from '@yunshang/contracts';
import { checkFile, fieldIssue, fileIds, visibleFields, type FormInput } from '@yunshang/forms';

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
  readonly durationMs: number | null;
};
export type InputAssets = { readonly userId: string; readonly assets: ReadonlyMap<string, InputAsset> };

/** The files that the shown fields name, each once. */
export function inputAssetIds(form: FormSchema, input: FormInput): string[] {
  return [...new Set(visibleFields(form, input).flatMap((field) => fileIds(field, input[field.key])))];
}

/**
 * Everything wrong with the files these answers name: each must be there, be the caller's and ready, and keep the rules
 * of its field by what its bytes are. A file of somebody else and one that is not there are told apart by nobody.
 */
export function checkAssets(form: FormSchema, input: FormInput, known: InputAssets): FieldIssue[] {
  return visibleFields(form, input).flatMap((field) =>
    fileIds(field, input[field.key]).flatMap((id) => {
      const asset = known.assets.get(id);
      if (asset === undefined || asset.userId !== known.userId || asset.status === 'deleted')
        return [fieldIssue(field, 'asset', { zh: '所选文件不存在', en: 'names a file that is not there' })];
      if (asset.status === 'refused')
        return [fieldIssue(field, 'refused', { zh: '所选文件未通过检查', en: 'names a file that was refused' })];
      if (asset.status !== 'ready')
        return [
          fieldIssue(field, 'upload', { zh: '所选文件尚未上传完成', en: 'names a file that is not uploaded yet' }),
        ];
      return checkFile(field, asset);
    }),
  );
}
