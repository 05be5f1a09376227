import { aigcRecord, isSameRecord, labelPicture, LabelFailed, readLabel, type VideoLabels } from '@yunshang/labels';
import type { ProducedFile } from '../providers/provider.ts';

/** Names us and this result in the file's record. */
export type MarkedAs = { producer: string; contentId: string };

const pictures = { label: labelPicture, read: readLabel };

/** A text says nothing that looks real; an archive hides what is inside. */
const isText = (contentType: string): boolean => contentType.startsWith('text/') || contentType === 'application/json';

/**
 * The file with the visible label and the record, and beside it the same with the record alone. Both were read back from their
 * bytes. Throws LabelFailed: the file must then not be delivered.
 */
export async function markFile(file: ProducedFile, as: MarkedAs, videos: VideoLabels): Promise<ProducedFile> {
  if (isText(file.contentType)) return { ...file, label: 'none' };
  const isVideo = file.contentType === 'video/mp4';
  if (!isVideo && !file.contentType.startsWith('image/')) throw new LabelFailed('unsupported_format', file.contentType);
  const marks = isVideo ? videos : pictures;
  const shown = await marks.label(file.bytes, { ...as, visible: true });
  const plain = await marks.label(file.bytes, { ...as, visible: false });
  for (const [bytes, visible] of [
    [shown.bytes, shown.corner],
    [plain.bytes, null],
  ] as const) {
    const mark = await marks.read(bytes);
    const isOurs = mark.record !== undefined && isSameRecord(mark.record, aigcRecord(as));
    // A label can be found on the plain file only when the vendor drew one.
    const isShown = visible === null || mark.visible === visible;
    if (!isOurs || !isShown || mark.strays.length > 0) throw new LabelFailed('corrupt', 'not read back');
  }
  const { width, height } = shown;
  return { ...file, width, height, bytes: shown.bytes, label: 'visible', unlabelled: plain.bytes };
}
