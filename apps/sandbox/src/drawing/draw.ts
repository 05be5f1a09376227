import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { captionBand } from './block-letters.ts';
import { encodeStills, type YuvFrame } from './h264-still.ts';
import { muxMp4 } from './mp4.ts';

const POSE = { width: 768, height: 1024 };
const VIDEO = { width: 288, height: 384, framesPerSecond: 12 };
const VIDEO_PICTURES = 4;
const FRAMES_PER_PICTURE = 6;
const REMEMBERED = 64;
/** More than this is taken for a decompression bomb, as the vendor's nodes do. */
const MAX_PIXELS = 100_000_000;

/** Draws results from the photo that was sent: pictures and films that nobody takes for a model's. */
export type Draughtsman = {
  /** A JPEG of 768 × 1024: the photo, another part of it for each index, with SANDBOX and its number. */
  picture(photo: Buffer, index: number, count: number): Promise<Buffer>;
  /** An MP4 (H.264 baseline, 288 × 384, two seconds) that closes in on the photo, with SANDBOX on it. */
  film(photo: Buffer): Promise<Buffer>;
};

/** Remembers the newest results: the same photo is asked for again and again in tests. */
export function createDraughtsman(): Draughtsman {
  const known = new Map<string, Promise<Buffer>>();
  const remember = (photo: Buffer, what: string, draw: () => Promise<Buffer>): Promise<Buffer> => {
    const key = `${createHash('sha256').update(photo).digest('hex')} ${what}`;
    const drawn = known.get(key) ?? draw();
    known.set(key, drawn);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return drawn;
  };
  return {
    picture: (photo, index, count) =>
      remember(photo, `picture ${index}/${count}`, () => drawPicture(photo, index, count)),
    film: (photo) => remember(photo, 'film', () => drawFilm(photo)),
  };
}

/** Whether the bytes are a picture that can be opened. */
export async function isPicture(bytes: Buffer): Promise<boolean> {
  try {
    await sharp(bytes, { limitInputPixels: MAX_PIXELS }).metadata();
    return true;
  } catch {
    return false;
  }
}

function drawPicture(photo: Buffer, index: number, count: number): Promise<Buffer> {
  return part(photo, POSE, { zoom: 1 + index * 0.03, flop: index % 2 === 1 })
    .composite([{ input: captionBand(`SANDBOX ${index + 1}/${count}`, POSE) }])
    .jpeg({ quality: 85 })
    .toBuffer();
}

async function drawFilm(photo: Buffer): Promise<Buffer> {
  const frames = await Promise.all(
    Array.from({ length: VIDEO_PICTURES }, (_, index) => drawFrame(photo, 1 + index * 0.05)),
  );
  return muxMp4(encodeStills(frames, FRAMES_PER_PICTURE), VIDEO);
}

async function drawFrame(photo: Buffer, zoom: number): Promise<YuvFrame> {
  const rgb = await part(photo, VIDEO, { zoom, flop: false })
    .composite([{ input: captionBand('SANDBOX', VIDEO) }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return toYuv(rgb, VIDEO);
}

/** The middle of the photo, enlarged until it fills the sides. */
function part(photo: Buffer, sides: { width: number; height: number }, view: { zoom: number; flop: boolean }) {
  const width = Math.round(sides.width * view.zoom);
  const height = Math.round(sides.height * view.zoom);
  return sharp(photo, { limitInputPixels: MAX_PIXELS })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .flop(view.flop)
    .resize(width, height, { fit: 'cover' })
    .extract({
      left: Math.floor((width - sides.width) / 2),
      top: Math.floor((height - sides.height) / 2),
      width: sides.width,
      height: sides.height,
    });
}

/** BT.601, limited range; chroma from the upper left sample of each four. */
function toYuv(rgb: Buffer, { width, height }: { width: number; height: number }): YuvFrame {
  const y = Buffer.alloc(width * height);
  const cb = Buffer.alloc((width * height) / 4);
  const cr = Buffer.alloc((width * height) / 4);
  for (let at = 0; at < width * height; at += 1) {
    const [r = 0, g = 0, b = 0] = rgb.subarray(at * 3, at * 3 + 3);
    y[at] = Math.round(16 + 0.257 * r + 0.504 * g + 0.098 * b);
    const column = at % width;
    const row = (at - column) / width;
    if (column % 2 === 1 || row % 2 === 1) continue;
    const chroma = (row / 2) * (width / 2) + column / 2;
    cb[chroma] = Math.round(128 - 0.148 * r - 0.291 * g + 0.439 * b);
    cr[chroma] = Math.round(128 + 0.439 * r - 0.368 * g - 0.071 * b);
  }
  return { width, height, y, cb, cr };
}
