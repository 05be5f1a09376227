import sharp from 'sharp';
import type { CleanPicture, CutOut, FinishedPicture } from './engine-types.ts';
import { openImage } from './inspect.ts';
import { ENGINE_IMAGE_LIMITS } from './limits.ts';

const MAX_LONG_EDGE = 2048;

export async function cutOut(bytes: Uint8Array): Promise<CutOut> {
  const { pipeline } = await openImage(bytes, ENGINE_IMAGE_LIMITS);
  const { data, info } = await pipeline
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .resize({ width: MAX_LONG_EDGE, height: MAX_LONG_EDGE, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const mid = (i: number) => data[i] ?? 0;
  const rgba = Buffer.alloc(width * height * 4);
  const stack: number[] = [];
  const seen = new Uint8Array(width * height);
  const ground = [mid(0), mid(1), mid(2)];
  const near = (p: number) =>
    Math.max(
      Math.abs(mid(p * 3) - (ground[0] ?? 0)),
      Math.abs(mid(p * 3 + 1) - (ground[1] ?? 0)),
      Math.abs(mid(p * 3 + 2) - (ground[2] ?? 0)),
    ) < 28;
  const push = (p: number) => {
    if (seen[p] === 0 && near(p)) {
      seen[p] = 1;
      stack.push(p);
    }
  };
  for (let x = 0; x < width; x++) {
    push(x);
    push((height - 1) * width + x);
  }
  for (let y = 0; y < height; y++) {
    push(y * width);
    push(y * width + width - 1);
  }
  for (let p = stack.pop(); p !== undefined; p = stack.pop()) {
    if (p % width > 0) push(p - 1);
    if (p % width < width - 1) push(p + 1);
    if (p >= width) push(p - width);
    if (p < width * (height - 1)) push(p + width);
  }
  let kept = 0;
  for (let p = 0; p < width * height; p++) {
    rgba[p * 4] = mid(p * 3);
    rgba[p * 4 + 1] = mid(p * 3 + 1);
    rgba[p * 4 + 2] = mid(p * 3 + 2);
    rgba[p * 4 + 3] = seen[p] === 1 ? 0 : 255;
    if (seen[p] === 0) kept++;
  }
  const share = kept / (width * height);
  if (share < 0.02 || share > 0.9) {
    return { verdict: 'reject', reasons: ['ground_not_uniform'], png: Buffer.alloc(0), width: 0, height: 0 };
  }
  const png = await sharp(rgba, { raw: { width, height, channels: 4 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
  return { verdict: 'ok', reasons: [], png, width, height };
}

export async function finishCutOut(bytes: Uint8Array): Promise<FinishedPicture> {
  const { pipeline } = await openImage(bytes, ENGINE_IMAGE_LIMITS);
  const { data, info } = await pipeline
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .jpeg({ quality: 93, chromaSubsampling: '4:4:4' })
    .toBuffer({ resolveWithObject: true });
  return { jpeg: data, width: info.width, height: info.height };
}

export async function clean(bytes: Uint8Array): Promise<CleanPicture> {
  const cut = await cutOut(bytes);
  if (cut.verdict === 'reject') return { verdict: 'reject', reasons: cut.reasons };
  return { verdict: cut.verdict, reasons: cut.reasons, ...(await finishCutOut(cut.png)) };
}
