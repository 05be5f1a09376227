import sharp from 'sharp';
import { CORNERS, labelRegion, PLATE_OPACITY, TONES, type Corner, type Size, type Tone } from './visible.ts';

export type Ground = { corner: Corner; /** Grey values, 0 to 255. */ mean: number; deviation: number };

/** Grounds are looked at in a small copy of this width or height at most. */
const PREVIEW_PX = 512;

/** What lies under each corner's label. `size` is the size of the picture as it will be shown. */
export async function measureGrounds(bytes: Uint8Array, size: Size): Promise<Ground[]> {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .resize(PREVIEW_PX, PREVIEW_PX, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#fff' })
    .greyscale()
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const scale = { x: info.width / size.width, y: info.height / size.height };
  return CORNERS.map((corner) => {
    const region = labelRegion(size, corner);
    const left = Math.floor(region.left * scale.x);
    const right = Math.min(info.width, Math.ceil((region.left + region.width) * scale.x));
    const top = Math.floor(region.top * scale.y);
    const bottom = Math.min(info.height, Math.ceil((region.top + region.height) * scale.y));
    const values: number[] = [];
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) values.push(data[y * info.width + x] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { corner, mean, deviation: Math.sqrt(variance) };
  });
}

/** A calm corner may lose this much contrast to a restless one. */
const RESTLESS = 64;

/** The corner and tone in which the text stands out most; of equals, the first of CORNERS. */
export function chooseCorner(grounds: readonly Ground[]): { corner: Corner; tone: Tone } {
  const choices = grounds.flatMap((ground) =>
    TONES.map((tone) => ({
      corner: ground.corner,
      tone,
      score: contrast(ground, tone) / (1 + ground.deviation / RESTLESS),
    })),
  );
  // Differences nobody sees do not move the label about.
  const best = choices.reduce((a, b) => (b.score > a.score * 1.02 ? b : a));
  return { corner: best.corner, tone: best.tone };
}

/** Contrast ratio (WCAG) of the text against the least favourable of what shows through the plate. */
function contrast({ mean, deviation }: Ground, tone: Tone): number {
  if (tone === 'light') return 1.05 / (luminance(Math.min(255, mean + deviation) * (1 - PLATE_OPACITY)) + 0.05);
  const ground = Math.max(0, mean - deviation) * (1 - PLATE_OPACITY) + 255 * PLATE_OPACITY;
  return (luminance(ground) + 0.05) / 0.05;
}

function luminance(grey: number): number {
  const value = grey / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
