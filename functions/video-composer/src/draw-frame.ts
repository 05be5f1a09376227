import { setText } from '@yunshang/function-pictures';
import type { OpenPicture, Palette } from '@yunshang/function-pictures';
import sharp from 'sharp';
import type { OverlayOptions } from 'sharp';

export const frameWidth = 1080;
export const frameHeight = 1920;

export interface Frame {
  readonly picture: OpenPicture;
  readonly title?: string | undefined;
  /** Counted from 0. */
  readonly index: number;
  readonly count: number;
  readonly palette: Palette;
}

const margin = 72;
const top = 180;
const bottomWithTitle = 1500;
const bottom = 1680;

/** One picture of the film as PNG: the garment on a coloured ground, the title below, a row of dots that tells how far it is. */
export async function drawFrame({ picture, title, index, count, palette }: Frame): Promise<Buffer> {
  const layers: OverlayOptions[] = await placePicture(picture, title === undefined ? bottom : bottomWithTitle);
  if (title !== undefined) {
    const text = await setText({
      text: title,
      weight: 'bold',
      sizePx: 88,
      minSizePx: 52,
      maxLines: 2,
      color: palette.text,
      maxWidthPx: frameWidth - 2 * margin,
      align: 'centre',
    });
    layers.push({ input: text.input, left: Math.round((frameWidth - text.width) / 2), top: bottomWithTitle + 64 });
  }
  return sharp(groundSvg(palette, { index, count }))
    .composite(layers)
    .flatten({ background: palette.ground[1] })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

async function placePicture(picture: OpenPicture, lowest: number): Promise<OverlayOptions[]> {
  const box = { width: frameWidth - 2 * margin, height: lowest - top };
  const cut = picture.isCutOut
    ? sharp(await picture.pixels.clone().trim({ threshold: 1 }).png().toBuffer())
    : picture.pixels.clone();
  const { data, info } = await cut
    .resize({ ...box, fit: 'inside' })
    .png()
    .toBuffer({ resolveWithObject: true });
  const left = Math.round((frameWidth - info.width) / 2);
  const under = picture.isCutOut ? lowest - info.height : top + Math.round((box.height - info.height) / 2);
  const placed = { input: data, left, top: under };
  if (!picture.isCutOut) return [placed];
  return [{ input: svg(shadow(info.width, lowest)), left: 0, top: 0 }, placed];
}

function groundSvg(
  { ground: [upper, lower], accent }: Palette,
  { index, count }: { index: number; count: number },
): Buffer {
  const step = 36;
  const first = frameWidth / 2 - ((count - 1) * step) / 2;
  const dots = Array.from(
    { length: count },
    (_, i) =>
      `<circle cx="${first + i * step}" cy="1836" r="9" fill="${accent}" fill-opacity="${i === index ? 1 : 0.25}"/>`,
  );
  return svg(`<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="${upper}"/><stop offset="1" stop-color="${lower}"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/>
    <circle cx="540" cy="840" r="500" fill="#fff" fill-opacity="0.28"/>${dots.join('')}`);
}

function shadow(width: number, y: number): string {
  return `<defs><radialGradient id="s"><stop offset="0" stop-color="#000" stop-opacity="0.22"/>
    <stop offset="1" stop-color="#000" stop-opacity="0"/></radialGradient></defs>
    <ellipse cx="${frameWidth / 2}" cy="${y}" rx="${Math.round(width * 0.42)}" ry="26" fill="url(#s)"/>`;
}

function svg(content: string): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${frameWidth}" height="${frameHeight}">${content}</svg>`,
  );
}
