import {
  aigcRecord,
  isSameRecord,
  labelPicture,
  LabelFailed,
  labelText,
  readLabel,
  readTextLabel,
  type TextKind,
  type VideoLabels,
} from '@yunshang/labels';
import type { ProducedFile } from '../providers/provider.ts';

/** Names us and this result in the file's record. */
export type MarkedAs = { producer: string; contentId: string };

const pictures = { label: labelPicture, read: readLabel };

/** Undefined for what is no text. */
function textKind(contentType: string): TextKind | undefined {
  const type = contentType.split(';', 1)[0]?.trim();
  if (type === 'text/plain') return 'plain';
  return type === 'application/json' ? 'json' : undefined;
}

/**
 * The file with the visible label and the record, and beside it the same with the record alone. Both were read back from their
 * bytes. Throws LabelFailed: the file must then not be delivered.
 */
export async function markFile(file: ProducedFile, as: MarkedAs, videos: VideoLabels): Promise<ProducedFile> {
  const kind = textKind(file.contentType);
  if (kind !== undefined) return markText(kind, file, as);
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

/** A text file has no place for a record, JSON has. */
function markText(kind: TextKind, file: ProducedFile, as: MarkedAs): ProducedFile {
  const bytes = labelText(kind, file.bytes, as);
  const { visible, record } = readTextLabel(kind, bytes);
  const isOurs = kind === 'plain' || (record !== undefined && isSameRecord(record, aigcRecord(as)));
  if (!visible || !isOurs) throw new LabelFailed('corrupt', 'not read back');
  return { ...file, bytes, label: 'visible', unlabelled: file.bytes };
}
