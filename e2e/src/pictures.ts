import sharp from 'sharp';

/** A wood-like ground that nobody can cut a garment out of with certainty: deterministic, 900 × 1200. */
export async function busyPicture(): Promise<Buffer> {
  const width = 900;
  const height = 1200;
  const pixels = Buffer.alloc(width * height * 3);
  let seed = 7;
  const noise = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const wave = Math.sin(x / 17 + 3 * Math.sin(y / 90)) * 45 + Math.sin(y / 7) * 25;
      const at = (y * width + x) * 3;
      pixels[at] = 150 + wave + noise() * 30;
      pixels[at + 1] = 110 + wave * 0.8 + noise() * 30;
      pixels[at + 2] = 70 + wave * 0.6 + noise() * 30;
    }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Share of pixels in the outer 5 % that are exactly 255,255,255. */
export async function whiteRing(picture: Uint8Array): Promise<number> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const margin = Math.round(Math.min(info.width, info.height) * 0.05);
  let white = 0;
  let all = 0;
  for (let y = 0; y < info.height; y += 1)
    for (let x = 0; x < info.width; x += 1) {
      const inside = x >= margin && y >= margin && x < info.width - margin && y < info.height - margin;
      if (inside) continue;
      const at = (y * info.width + x) * 3;
      all += 1;
      if (data[at] === 255 && data[at + 1] === 255 && data[at + 2] === 255) white += 1;
    }
  return white / all;
}

/** Whether any of the uploader's metadata (EXIF, GPS, XMP, IPTC) is in the picture. */
export async function hasMetadata(picture: Uint8Array): Promise<boolean> {
  const meta = await sharp(picture).metadata();
  return meta.exif !== undefined || meta.xmp !== undefined || meta.iptc !== undefined;
}
