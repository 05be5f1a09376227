import { AppError } from '@yunshang/contracts';
import type { ImageRefusal } from '@yunshang/image-engine';
import type { LabelFailed } from '@yunshang/labels';

/** Why a file was not taken: what its bytes are, or that they are not what was announced. */
export type UploadRefusal = ImageRefusal | 'film_unsupported' | 'film_damaged' | 'size_differs' | 'type_differs';

const TEXTS: Record<UploadRefusal, { zh: string; en: string }> = {
  empty: { zh: '文件是空的', en: 'the file is empty' },
  too_large: { zh: '图片超过 10 MB', en: 'the picture is larger than 10 MB' },
  unsupported_format: { zh: '仅支持 JPEG、PNG、WebP 图片', en: 'only JPEG, PNG and WebP pictures are taken' },
  too_small: { zh: '图片每边至少 500 像素', en: 'each side needs 500 pixels at least' },
  too_many_pixels: { zh: '图片每边最多 8000 像素', en: 'each side may have 8000 pixels at most' },
  truncated: { zh: '图片不完整，请重新上传', en: 'the picture is cut off; upload it again' },
  corrupt: { zh: '图片已损坏，无法打开', en: 'the picture is damaged and can not be opened' },
  polyglot: { zh: '图片中夹带了其他内容', en: 'the file holds something besides the picture' },
  animated: { zh: '不支持动图', en: 'animated pictures are not taken' },
  film_unsupported: {
    zh: '仅支持 H.264、H.265 或 MPEG-4 编码、未分片的 MP4 视频',
    en: 'only MP4 films coded as H.264, H.265 or MPEG-4, not fragmented, are taken',
  },
  film_damaged: { zh: '视频不完整或已损坏', en: 'the film is cut off or damaged' },
  size_differs: { zh: '文件大小与申请的不一致', en: 'the file does not have the announced size' },
  type_differs: { zh: '文件类型与申请的不一致', en: 'the file is not of the announced type' },
};

/** IMAGE_REFUSED naming the file and the reason. */
export function imageRefused(reason: UploadRefusal, options?: ErrorOptions): AppError {
  const issue = { field: 'file', rule: reason, ...TEXTS[reason] };
  return new AppError('IMAGE_REFUSED', { field: 'file', reason, issues: [issue] }, options);
}

/** The same for a film. */
export function filmRefused(cause: LabelFailed): AppError {
  const isForeign = cause.reason === 'unsupported_format' || cause.reason === 'unsupported_layout';
  return imageRefused(isForeign ? 'film_unsupported' : 'film_damaged', { cause });
}
