import sharp, { type Sharp } from 'sharp';
import type { CleanPicture, CutOut, FinishedPicture, Verdict } from './engine-types.ts';
import { finishOnWhite } from './finish/finish.ts';
import { openImage, toRefusal } from './inspect.ts';
import { ENGINE_IMAGE_LIMITS } from './limits.ts';
import { matte } from './matte/alpha.ts';
import { localColours } from './matte/colours.ts';
import { peel } from './matte/peel.ts';
import type { Size } from './matte/plane.ts';
import { segment, survey } from './matte/segment.ts';
import { judge, judgeGround } from './matte/verdict.ts';

/** Longest side of what the engine gives back; larger pictures are shrunk. */
const MAX_LONG_EDGE = 2048;
/** The mask is found at this long edge at most and its edge refined at full size: time and memory stay bounded. */
const MASK_LONG_EDGE = 1024;
/** 4:4:4 because 4:2:0 would put coloured fringes back and break exact white beside the garment. */
const JPEG_QUALITY = 93;

type Raw = { rgb: Buffer; size: Size };
type GroundColour = readonly [number, number, number];
type Matted =
  | { verdict: 'reject'; reasons: string[] }
  | { verdict: 'ok' | 'review'; reasons: string[]; rgba: Buffer; size: Size; ground: GroundColour };

export async function cutOut(bytes: Uint8Array): Promise<CutOut> {
  const matted = await cut(bytes);
  if (matted.verdict === 'reject') return { ...matted, png: Buffer.alloc(0), width: 0, height: 0 };
  const { verdict, reasons, rgba, size } = matted;
  const png = await sharp(rgba, { raw: { ...size, channels: 4 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
  return { verdict, reasons, png, ...size };
}

export async function clean(bytes: Uint8Array): Promise<CleanPicture> {
  const matted = await cut(bytes);
  if (matted.verdict === 'reject') return matted;
  const { verdict, reasons, rgba, size, ground } = matted;
  return { verdict, reasons, jpeg: await encode(finishOnWhite(rgba, size, ground), size), ...size };
}

/** The finish alone, for a cut-out made elsewhere: its ground is gone, so the exposure is bounded more tightly. */
export async function finishCutOut(bytes: Uint8Array): Promise<FinishedPicture> {
  const { pipeline } = await openImage(bytes, ENGINE_IMAGE_LIMITS);
  const { data, info } = await decode(pipeline.autoOrient().toColourspace('srgb').ensureAlpha());
  const size = { width: info.width, height: info.height };
  return { jpeg: await encode(finishOnWhite(data, size, undefined), size), ...size };
}

async function cut(bytes: Uint8Array): Promise<Matted> {
  const full = await open(bytes);
  const small = await shrink(full);
  const jpegScale = small.size.width / full.size.width;
  const surveyed = survey(small.rgb, small.size);
  const ground = judgeGround(surveyed.ground);
  if (ground.verdict === 'reject') return { verdict: 'reject', reasons: ground.reasons };
  const { garment, distance, evidence } = segment(surveyed, small.size, jpegScale);
  const first = judge(evidence);
  if (first.verdict === 'reject') return { verdict: 'reject', reasons: first.reasons };
  const rough = localColours(small.rgb, { garment, distance }, small.size);
  const peeled = peel(garment, small.rgb, { colours: rough, size: small.size });
  const colours = localColours(small.rgb, { garment: peeled, distance }, small.size);
  const { rgba, outline } = matte(full, { garment: peeled, size: small.size, colours });
  const { verdict, reasons } = judge(evidence, outline);
  return { verdict: usable(verdict), reasons, rgba, size: full.size, ground: meanGround(small, peeled) };
}

function usable(verdict: Verdict): 'ok' | 'review' {
  return verdict === 'ok' ? 'ok' : 'review';
}

async function open(bytes: Uint8Array): Promise<Raw> {
  const { pipeline } = await openImage(bytes, ENGINE_IMAGE_LIMITS);
  const upright = pipeline.autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb');
  const { data, info } = await decode(upright);
  if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`);
  return { rgb: data, size: { width: info.width, height: info.height } };
}

function decode(pipeline: Sharp) {
  return pipeline
    .resize({ width: MAX_LONG_EDGE, height: MAX_LONG_EDGE, fit: 'inside', withoutEnlargement: true })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw toRefusal(error);
    });
}

async function shrink(full: Raw): Promise<Raw> {
  if (Math.max(full.size.width, full.size.height) <= MASK_LONG_EDGE) return full;
  const { data, info } = await sharp(full.rgb, { raw: { ...full.size, channels: 3 } })
    .resize({ width: MASK_LONG_EDGE, height: MASK_LONG_EDGE, fit: 'inside', kernel: 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, size: { width: info.width, height: info.height } };
}

function meanGround(picture: Raw, garment: Uint8Array): GroundColour {
  const sums = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < garment.length; i++) {
    if (garment[i] === 1) continue;
    count++;
    for (let c = 0; c < 3; c++) sums[c] = (sums[c] ?? 0) + (picture.rgb[i * 3 + c] ?? 0);
  }
  const mean = (c: number) => (count === 0 ? 255 : (sums[c] ?? 0) / count);
  return [mean(0), mean(1), mean(2)];
}

async function encode(rgb: Buffer, size: Size): Promise<Buffer> {
  return sharp(rgb, { raw: { ...size, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' })
    .toBuffer();
}
