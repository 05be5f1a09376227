import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import sharp from 'sharp';
import { FOREIGN_VIDEO, inFolder, runFfmpeg, type VideoTool } from './ffmpeg.ts';
import { LabelFailed } from './label-failed.ts';
import { assertMp4, framesAt, QUALITY } from './label-video.ts';
import type { Region, Size } from './visible.ts';

/** Of the shorter side: readable on a phone, and below the label that the law asks for. */
const LETTERS_SHARE = 0.045;
const MIN_LETTERS_PX = 12;
/** In the upper middle, where no corner's label lies. */
const TOP_SHARE = 0.08;
const WIDEST_SHARE = 0.5;
const OPACITY = 0.55;

/** A shop's own words on its film; not the label that says AI made it. */
export type VideoWatermark = {
  /**
   * The film with the text in it from the first picture to the last; sound is kept. Throws LabelFailed, `no_text` when the
   * font has none of its letters.
   */
  draw(bytes: Uint8Array, text: string): Promise<{ bytes: Buffer; region: Region } & Size>;
};

export function createVideoWatermark(tool: VideoTool): VideoWatermark {
  return {
    draw: async (bytes, text) => {
      assertMp4(bytes);
      const [first] = await framesAt(tool, bytes, [0]);
      if (first === undefined) throw new LabelFailed('corrupt', 'no picture');
      const { width, height } = await sharp(first).metadata();
      const mark = await renderWatermark(text, { width, height });
      const drawn = await inFolder({ 'in.mp4': bytes, 'mark.png': mark.png }, async (folder) => {
        const { left, top } = mark.region;
        const filter = `[0:v:0][1:v]overlay=${left}:${top}:format=auto,pad=ceil(iw/2)*2:ceil(ih/2)*2[v]`;
        const output = ['-map', '[v]', '-map', '0:a?', '-c:a', 'copy', '-map_metadata', '-1', '-map_chapters', '-1'];
        const args = [...FOREIGN_VIDEO, '-i', 'mark.png', '-filter_complex', filter, ...output, ...QUALITY];
        await runFfmpeg(tool, folder, [...args, '-threads', '2', '-movflags', '+faststart', 'out.mp4']);
        return readFile(join(folder, 'out.mp4'));
      });
      return { bytes: drawn, region: mark.region, width, height };
    },
  };
}

/** White letters over their own soft shadow: seen on light and dark alike. */
export async function renderWatermark(text: string, film: Size): Promise<{ png: Buffer; region: Region }> {
  const letters = await setLetters(text, film);
  const blur = Math.max(1, Math.round(letters.height * 0.08));
  const margin = blur * 3;
  const size = { width: letters.width + 2 * margin, height: letters.height + 2 * margin };
  const canvas = { create: { ...size, channels: 4, background: '#0000' } } as const;
  const placed = [{ input: letters.png, left: margin, top: margin }];
  const solid = await sharp(canvas).composite(placed).png().toBuffer();
  const shadow = await sharp(solid).linear([0, 0, 0, 1], [0, 0, 0, 0]).blur(blur).png().toBuffer();
  const both = await sharp(canvas)
    .composite([{ input: shadow }, { input: shadow }, { input: solid }])
    .png()
    .toBuffer();
  const png = await sharp(both).linear([1, 1, 1, OPACITY], [0, 0, 0, 0]).png().toBuffer();
  const left = Math.round((film.width - size.width) / 2);
  return { png, region: { ...size, left, top: Math.round(film.height * TOP_SHARE) } };
}

async function setLetters(text: string, film: Size): Promise<Size & { png: Buffer }> {
  const widest = Math.floor(film.width * WIDEST_SHARE);
  const sizePx = Math.max(MIN_LETTERS_PX, Math.round(Math.min(film.width, film.height) * LETTERS_SHARE));
  const kept = withoutEmoji(text);
  if (kept === '') throw new LabelFailed('no_text', 'a watermark');
  const set = sharp({
    text: {
      text: `<span foreground="#fff">${escapeMarkup(kept)}</span>`,
      font: `Noto Sans SC Bold ${sizePx}`,
      fontfile: FONT,
      dpi: 72,
      rgba: true,
    },
  });
  const { data, info } = await set.png().toBuffer({ resolveWithObject: true });
  if (info.width <= widest) return { png: data, width: info.width, height: info.height };
  const fitted = await sharp(data).resize({ width: widest }).png().toBuffer({ resolveWithObject: true });
  return { png: fitted.data, width: fitted.info.width, height: fitted.info.height };
}

/** Noto Sans SC (OFL-1.1): a machine may have no Chinese font. */
const FONT = createRequire(import.meta.url).resolve('@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf');

/** The font has no emoji; they would be set as empty boxes. */
function withoutEmoji(text: string): string {
  return text
    .replaceAll(/(?![©®™])\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u{FE0F}|\u{200D}|\u{20E3}|\p{Cc}/gu, '')
    .trim();
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
