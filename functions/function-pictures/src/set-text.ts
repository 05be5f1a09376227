import { findAsset, FunctionFailure } from '@yunshang/function-runtime';
import sharp from 'sharp';

export interface TextToSet {
  readonly text: string;
  readonly weight: 'regular' | 'bold';
  /** Height of the letters' box; made smaller, down to `minSizePx`, until the text fits. */
  readonly sizePx: number;
  readonly minSizePx?: number;
  readonly color: string;
  readonly maxWidthPx: number;
  readonly maxLines?: number;
  readonly align?: 'left' | 'centre';
  readonly isStruckThrough?: boolean;
}

/** A picture of the text with a see-through ground, as large as its ink. */
export interface SetText {
  readonly input: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Noto Sans SC (OFL-1.1) ships with the function: the platform has no Chinese fonts. */
const fonts = { regular: '400Regular', bold: '700Bold' };
const lineSpacing = 1.25;

/** As large as fits; one line is preferred to two while it costs less than a quarter of the size. */
export async function setText(wanted: TextToSet): Promise<SetText> {
  const { sizePx, minSizePx = sizePx, maxLines = 1 } = wanted;
  for (let lines = 1; lines < maxLines; lines += 1) {
    const text = await setWithin(wanted, lines, Math.max(minSizePx, Math.round(sizePx * 0.76)));
    if (text.fits) return text;
  }
  return setWithin(wanted, maxLines, minSizePx);
}

async function setWithin(wanted: TextToSet, lines: number, smallest: number): Promise<SetText & { fits: boolean }> {
  for (let sizePx = wanted.sizePx; ; sizePx = Math.max(smallest, Math.floor(sizePx * 0.92))) {
    const text = await setAt(wanted, sizePx);
    const fits = text.height <= lines * sizePx * lineSpacing * 1.1 && text.width <= wanted.maxWidthPx;
    if (fits || sizePx === smallest) return { ...text, fits };
  }
}

async function setAt(wanted: TextToSet, sizePx: number): Promise<SetText> {
  const struck = wanted.isStruckThrough === true ? ' strikethrough="true"' : '';
  const rendered = await sharp({
    text: {
      text: `<span foreground="${wanted.color}"${struck}>${escapeMarkup(withoutEmoji(wanted.text))}</span>`,
      font: `Noto Sans SC ${wanted.weight === 'bold' ? 'Bold ' : ''}${sizePx}`,
      fontfile: fontFile(fonts[wanted.weight]),
      dpi: 72,
      rgba: true,
      width: wanted.maxWidthPx,
      wrap: 'word-char',
      align: wanted.align ?? 'left',
      spacing: Math.round(sizePx * (lineSpacing - 1) * 0.2),
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { input: rendered.data, width: rendered.info.width, height: rendered.info.height };
}

/** The font has no emoji; they would be set as empty boxes. */
function withoutEmoji(text: string): string {
  const kept = text
    .replaceAll(/(?![©®™])\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u{FE0F}|\u{200D}|\u{20E3}/gu, '')
    .trim();
  if (kept === '') throw new FunctionFailure('INPUT_REFUSED', 'a text has no letters that can be set');
  return kept;
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function fontFile(weight: string): string {
  const name = `NotoSansSC_${weight}.ttf`;
  const file = findAsset(import.meta.dirname, `fonts/${name}`, `@expo-google-fonts/noto-sans-sc/${weight}/${name}`);
  if (file === undefined) throw new Error(`the font ${name} is not shipped with this function`);
  return file;
}
