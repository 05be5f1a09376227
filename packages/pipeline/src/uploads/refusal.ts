import { AppError } from '@yunshang/contracts';
import type { ImageRefusal } from '@yunshang/image-engine';

/** Why a file was not taken: what its bytes are, or that they are not what was announced. */
export type UploadRefusal = ImageRefusal | 'size_differs' | 'type_differs';

const TEXTS: Record<UploadRefusal, { zh: string; en: string }> = {
  empty: { zh: '文件是空的', en: 'the file is empty' },
  too_large: { zh: '文件超过 10 MB', en: 'the file is larger than 10 MB' },
  unsupported_format: { zh: '仅支持 JPEG、PNG、WebP 图片', en: 'only JPEG, PNG and WebP pictures are taken' },
  too_small: { zh: '图片每边至少 500 像素', en: 'each side needs 500 pixels at least' },
  too_many_pixels: { zh: '图片每边最多 8000 像素', en: 'each side may have 8000 pixels at most' },
  truncated: { zh: '图片不完整，请重新上传', en: 'the picture is cut off; upload it again' },
  corrupt: { zh: '图片已损坏，无法打开', en: 'the picture is damaged and can not be opened' },
  polyglot: { zh: '图片中夹带了其他内容', en: 'the file holds something besides the picture' },
  animated: { zh: '不支持动图', en: 'animated pictures are not taken' },
  size_differs: { zh: '文件大小与申请的不一致', en: 'the file does not have the announced size' },
  type_differs: { zh: '文件类型与申请的不一致', en: 'the file is not of the announced type' },
};

/** IMAGE_REFUSED naming the file and the reason. */
export function imageRefused(reason: UploadRefusal, options?: ErrorOptions): AppError {
  const issue = { field: 'file', rule: reason, ...TEXTS[reason] };
  return new AppError('IMAGE_REFUSED', { field: 'file', reason, issues: [issue] }, options);
}
