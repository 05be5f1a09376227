import { setText } from '@yunshang/function-pictures';
import type { OpenPicture, Palette, SetText } from '@yunshang/function-pictures';
import sharp from 'sharp';
import type { OverlayOptions } from 'sharp';

export interface Poster {
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly price?: string | undefined;
  readonly originalPrice?: string | undefined;
  readonly badge?: string | undefined;
  readonly palette: Palette;
}

export const posterWidth = 1080;
export const posterHeight = 1440;

const margin = 72;
const textWidth = posterWidth - 2 * margin;
const garmentTop = 132;
const gap = 24;

interface Placed extends SetText {
  readonly left: number;
  readonly top: number;
}

/** A JPEG of 1080 × 1440: the garment on a coloured ground, under it the title, what it says of itself, and the price. */
export async function composePoster(garment: OpenPicture, poster: Poster): Promise<Buffer> {
  const words = await placeWords(poster);
  const garmentBottom = Math.min(...words.map(({ top }) => top)) - 48;
  const layers: OverlayOptions[] = [
    ...(await placeGarment(garment, garmentBottom)),
    ...(await placeBadge(poster)),
    ...words.map(({ input, left, top }) => ({ input, left, top })),
  ];
  return sharp(groundSvg(poster.palette))
    .composite(layers)
    .flatten({ background: poster.palette.ground[1] })
    .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** From the bottom up: the price, the subtitle, the title. */
async function placeWords(poster: Poster): Promise<readonly Placed[]> {
  const { palette } = poster;
  const line = { maxWidthPx: textWidth, color: palette.text, weight: 'regular' as const };
  const rows: SetText[][] = [
    [await setText({ ...line, text: poster.title, weight: 'bold', sizePx: 84, minSizePx: 48, maxLines: 2 })],
  ];
  if (poster.subtitle !== undefined) {
    rows.push([await setText({ ...line, text: poster.subtitle, sizePx: 40, minSizePx: 28, maxLines: 2 })]);
  }
  if (poster.price !== undefined) rows.push(await setPrice(poster.price, poster));
  let bottom = posterHeight - margin;
  return rows.toReversed().flatMap((row) => {
    const top = bottom - Math.max(...row.map(({ height }) => height));
    const base = bottom;
    bottom = top - gap - 8;
    let left = margin;
    return row.map((text) => {
      const placed = { ...text, left, top: base - text.height };
      left += text.width + gap;
      return placed;
    });
  });
}

async function setPrice(price: string, { palette, originalPrice }: Poster): Promise<SetText[]> {
  const now = await setText({
    text: price,
    weight: 'bold',
    sizePx: 108,
    minSizePx: 64,
    color: palette.accent,
    maxWidthPx: 640,
  });
  if (originalPrice === undefined) return [now];
  const color = palette.text;
  const before = await setText({
    text: originalPrice,
    weight: 'regular',
    sizePx: 40,
    color,
    maxWidthPx: 260,
    isStruckThrough: true,
  });
  return [now, before];
}

/** A cut-out stands on its own shadow; a picture with a ground lies on a white card. */
async function placeGarment(garment: OpenPicture, bottom: number): Promise<OverlayOptions[]> {
  const box = { width: textWidth, height: bottom - garmentTop };
  if (!garment.isCutOut) return placeCard(garment, box);
  const trimmed = await garment.pixels.clone().trim({ threshold: 1 }).png().toBuffer();
  const { data, info } = await sharp(trimmed)
    .resize({ ...box, fit: 'inside' })
    .png()
    .toBuffer({ resolveWithObject: true });
  const left = Math.round((posterWidth - info.width) / 2);
  const top = garmentTop + box.height - info.height;
  const shadow = shadowSvg(info.width, bottom);
  return [
    { input: shadow, left: 0, top: 0 },
    { input: data, left, top },
  ];
}

async function placeCard(picture: OpenPicture, box: { width: number; height: number }): Promise<OverlayOptions[]> {
  const inner = { width: box.width - 48, height: box.height - 48 };
  const { data, info } = await picture.pixels
    .clone()
    .resize({ ...inner, fit: 'inside' })
    .flatten({ background: '#ffffff' })
    .png()
    .toBuffer({ resolveWithObject: true });
  const left = Math.round((posterWidth - info.width) / 2);
  const top = garmentTop + Math.round((box.height - info.height) / 2);
  const card = `<rect x="${left - 24}" y="${top - 24}" width="${info.width + 48}" height="${info.height + 48}" rx="28" fill="#fff"/>`;
  return [
    { input: svg(card), left: 0, top: 0 },
    { input: data, left, top },
  ];
}

async function placeBadge({ badge, palette }: Poster): Promise<OverlayOptions[]> {
  if (badge === undefined) return [];
  const text = await setText({ text: badge, weight: 'bold', sizePx: 40, color: palette.onAccent, maxWidthPx: 400 });
  const width = text.width + 64;
  const pill = `<rect x="${margin}" y="48" width="${width}" height="72" rx="36" fill="${palette.accent}"/>`;
  return [
    { input: svg(pill), left: 0, top: 0 },
    { input: text.input, left: margin + 32, top: 48 + Math.round((72 - text.height) / 2) },
  ];
}

function groundSvg({ ground: [upper, lower], accent }: Palette): Buffer {
  return svg(`<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="${upper}"/><stop offset="1" stop-color="${lower}"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/>
    <circle cx="540" cy="560" r="430" fill="#fff" fill-opacity="0.28"/>
    <circle cx="1010" cy="120" r="190" fill="${accent}" fill-opacity="0.10"/>
    <circle cx="60" cy="930" r="120" fill="${accent}" fill-opacity="0.08"/>`);
}

function shadowSvg(width: number, bottom: number): Buffer {
  const rx = Math.round(width * 0.42);
  return svg(`<defs><radialGradient id="s"><stop offset="0" stop-color="#000" stop-opacity="0.22"/>
    <stop offset="1" stop-color="#000" stop-opacity="0"/></radialGradient></defs>
    <ellipse cx="${posterWidth / 2}" cy="${bottom}" rx="${rx}" ry="26" fill="url(#s)"/>`);
}

function svg(content: string): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${posterWidth}" height="${posterHeight}">${content}</svg>`,
  );
}
