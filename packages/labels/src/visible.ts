import sharp from 'sharp';
import { LABEL_INK, LABEL_PATH, SMALLEST_HEIGHT } from './glyphs.ts';
import { LabelFailed } from './label-failed.ts';

export const CORNERS = ['bottom-right', 'bottom-left', 'top-right', 'top-left'] as const;
export type Corner = (typeof CORNERS)[number];
/** Light text on a dark plate, or dark text on a light one. */
export const TONES = ['light', 'dark'] as const;
export type Tone = (typeof TONES)[number];

export type Size = { width: number; height: number };
export type Region = Size & { left: number; top: number };

/** GB 45438-2025: text of at least 5 % of the shorter side. Here the smallest character is that high. */
const HEIGHT_SHARE = 0.05;
/** Below this a character is a smear. */
const MIN_HEIGHT_PX = 10;
const MIN_SIDE_PX = 64;
/** Of the smallest character's height. */
const PADDING_SHARE = 0.4;
const MARGIN_SHARE = 0.02;
/** How much of the picture the plate covers: enough for text on any ground, still showing what is there. */
export const PLATE_OPACITY = 0.6;

/** Where the label lies and how large it is: the same for every picture of this size. */
export function labelRegion(picture: Size, corner: Corner): Region {
  const short = Math.min(picture.width, picture.height);
  if (short < MIN_SIDE_PX) throw new LabelFailed('too_small', `${picture.width}x${picture.height}`);
  const { width, height } = labelSize(short);
  const margin = Math.round(short * MARGIN_SHARE);
  return {
    width,
    height,
    left: corner.endsWith('left') ? margin : picture.width - margin - width,
    top: corner.startsWith('top') ? margin : picture.height - margin - height,
  };
}

/** Height in pixels of the smallest character on a picture with this shorter side. */
export function characterHeight(short: number): number {
  return Math.max(Math.ceil(short * HEIGHT_SHARE), MIN_HEIGHT_PX);
}

function labelSize(short: number): Size {
  const height = characterHeight(short);
  const scale = height / SMALLEST_HEIGHT;
  const padding = 2 * Math.ceil(height * PADDING_SHARE);
  return {
    width: Math.ceil((LABEL_INK.right - LABEL_INK.left) * scale) + padding,
    height: Math.ceil((LABEL_INK.bottom - LABEL_INK.top) * scale) + padding,
  };
}

/** The label as a picture with transparency, of the region's size. */
export function renderLabel(region: Size, short: number, tone: Tone): Promise<Buffer> {
  const [text, plate] = tone === 'light' ? ['#fff', '#000'] : ['#000', '#fff'];
  return sharp(
    svg(region, `<rect ${box(region)} fill="${plate}" fill-opacity="${PLATE_OPACITY}"/>${glyphs(short, text)}`),
  )
    .png()
    .toBuffer();
}

/** How much of each pixel of the region the text covers, 0 to 255. */
export async function renderCoverage(region: Size, short: number): Promise<Uint8Array> {
  const { data } = await sharp(svg(region, `<rect ${box(region)} fill="#000"/>${glyphs(short, '#fff')}`))
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return data;
}

function svg({ width, height }: Size, content: string): Buffer {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`);
}

function box({ width, height }: Size): string {
  return `width="${width}" height="${height}"`;
}

function glyphs(short: number, fill: string): string {
  const height = characterHeight(short);
  const scale = height / SMALLEST_HEIGHT;
  const padding = Math.ceil(height * PADDING_SHARE);
  const [x, y] = [padding - LABEL_INK.left * scale, padding - LABEL_INK.top * scale];
  return `<path transform="translate(${x} ${y}) scale(${scale})" fill="${fill}" d="${LABEL_PATH}"/>`;
}
