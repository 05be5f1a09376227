import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { chooseCorner, measureGrounds } from './choose-corner.ts';
import { findVisible } from './find-visible.ts';
import { FOREIGN_VIDEO, inFolder, runFfmpeg, type VideoTool } from './ffmpeg.ts';
import { LabelFailed } from './label-failed.ts';
import type { Marking } from './label-picture.ts';
import { readBoxes } from './mp4-box.ts';
import { viewOf } from './part.ts';
import { sniffMedia, splitMedia, writeRecord } from './picture-file.ts';
import { readRecord, type ReadMark } from './read-label.ts';
import { aigcRecord } from './record.ts';
import { labelRegion, renderLabel, type Corner, type Size } from './visible.ts';

export type VideoLabels = {
  /** As labelPicture, for MP4: the label is shown from the first picture to the last. Sound is kept as it is. */
  label(bytes: Uint8Array, marking: Marking): Promise<{ bytes: Buffer; corner: Corner | null } & Size>;
  /** As readLabel; `visible` only when the label is in the same corner at the beginning, in the middle and at the end. */
  read(bytes: Uint8Array): Promise<ReadMark>;
  /** PNG pictures from the beginning, the middle and near the end, for somebody to look at. */
  frames(bytes: Uint8Array): Promise<Buffer[]>;
};

/** Near to lossless; a label is not a reason to look worse. */
export const QUALITY = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '17', '-pix_fmt', 'yuv420p'];
/** Shares of the length. The sound may go on after the pictures, so later ones may be missing. */
const LOOKED_AT = [0, 0.45, 0.9];

export function createVideoLabels(tool: VideoTool): VideoLabels {
  return {
    label: async (bytes, marking) => {
      const record = aigcRecord(marking);
      assertMp4(bytes);
      const [first] = await framesAt(tool, bytes, [0]);
      if (first === undefined) throw new LabelFailed('corrupt', 'no picture');
      const { width, height } = await sharp(first).metadata();
      const size = { width, height };
      const drawn = marking.visible ? await draw(tool, { bytes, first, size }) : { bytes, corner: null };
      return { bytes: writeRecord({ bytes: drawn.bytes, format: 'mp4', size }, record), corner: drawn.corner, ...size };
    },
    read: async (bytes) => {
      const mark = readRecord(bytes);
      assertMp4(bytes);
      const frames = await lookedAt(tool, bytes);
      const corners = await Promise.all(frames.map(cornerOf));
      const [corner] = corners;
      return { ...mark, visible: corners.every((other) => other === corner) ? corner : undefined };
    },
    frames: async (bytes) => {
      assertMp4(bytes);
      return lookedAt(tool, bytes);
    },
  };
}

export function assertMp4(bytes: Uint8Array): void {
  const format = sniffMedia(bytes);
  if (format !== 'mp4') throw new LabelFailed('unsupported_format', format);
  splitMedia(bytes, format); // sound, before any decoder is asked
}

async function draw(
  tool: VideoTool,
  video: { bytes: Uint8Array; first: Buffer; size: Size },
): Promise<{ bytes: Buffer; corner: Corner }> {
  const { corner, tone } = chooseCorner(await measureGrounds(video.first, video.size));
  const region = labelRegion(video.size, corner);
  const label = await renderLabel(region, Math.min(video.size.width, video.size.height), tone);
  const bytes = await inFolder({ 'in.mp4': video.bytes, 'label.png': label }, async (folder) => {
    const filter = `[0:v:0][1:v]overlay=${region.left}:${region.top}:format=auto,pad=ceil(iw/2)*2:ceil(ih/2)*2[v]`;
    const output = ['-map', '[v]', '-map', '0:a?', '-c:a', 'copy', '-map_metadata', '-1', '-map_chapters', '-1'];
    const args = [...FOREIGN_VIDEO, '-i', 'label.png', '-filter_complex', filter, ...output, ...QUALITY];
    await runFfmpeg(tool, folder, [...args, '-threads', '2', '-movflags', '+faststart', 'out.mp4']);
    return readFile(join(folder, 'out.mp4'));
  });
  return { bytes, corner };
}

function lookedAt(tool: VideoTool, bytes: Uint8Array): Promise<Buffer[]> {
  const seconds = durationSeconds(bytes);
  return framesAt(
    tool,
    bytes,
    LOOKED_AT.map((share) => share * seconds),
  );
}

/** Upright pictures of the video at these seconds, one at least. */
export function framesAt(tool: VideoTool, bytes: Uint8Array, seconds: readonly number[]): Promise<Buffer[]> {
  return inFolder({ 'in.mp4': bytes }, async (folder) => {
    const frames: Buffer[] = [];
    for (const [i, at] of seconds.entries()) {
      const input = ['-ss', at.toFixed(3), ...FOREIGN_VIDEO];
      await runFfmpeg(tool, folder, [...input, '-map', '0:v:0', '-frames:v', '1', '-f', 'image2', `${i}.png`]);
      const frame = await readFile(join(folder, `${i}.png`)).catch(() => undefined);
      if (frame !== undefined) frames.push(frame);
    }
    if (frames.length === 0) throw new LabelFailed('corrupt', 'no picture');
    return frames;
  });
}

async function cornerOf(frame: Buffer): Promise<Corner | undefined> {
  const { width, height } = await sharp(frame).metadata();
  return findVisible(frame, { width, height });
}

/** How long a film is, by its index's header. Throws LabelFailed for one that has none. */
export function durationSeconds(bytes: Uint8Array): number {
  const index = readBoxes(bytes).find(({ type }) => type === 'moov');
  const header = index === undefined ? undefined : readBoxes(index.body).find(({ type }) => type === 'mvhd')?.body;
  if (header === undefined || header.length < 32) throw new LabelFailed('corrupt', 'mvhd');
  const view = viewOf(header);
  const isLong = header[0] === 1;
  const scale = view.getUint32(isLong ? 20 : 12);
  const length = isLong ? Number(view.getBigUint64(24)) : view.getUint32(16);
  if (scale === 0) throw new LabelFailed('corrupt', 'mvhd');
  return length / scale;
}
