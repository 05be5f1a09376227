/**
 * Runs the engine on the photos named as arguments and prints one line of figures for each, measured on the encoded
 * JPEG. The interior for clipping and colour is the engine's own mask, so those two say little about the outline.
 *
 *   node scripts/measure-photos.ts [--out folder] photo …
 *
 * With --out, a PNG is written for each: the photo, the result, and the cut-out on magenta.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { createImageEngine } from '../src/engine.ts';
import { clipped, colourChange, erased, halo, residue, whiteRing } from '../test/measure/picture.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
const engine = createImageEngine();
const rows: Record<string, string | number>[] = [];
for (const path of positionals) {
  const photo = await readFile(path);
  const start = performance.now();
  const picture = await engine.clean(photo);
  const ms = Math.round(performance.now() - start);
  const photoName = basename(path);
  if (picture.verdict === 'reject') {
    rows.push({ photo: photoName, verdict: 'reject', why: picture.reasons.join() });
    continue;
  }
  const cut = await engine.cutOut(photo);
  const figures = await measure({ photo, jpeg: picture.jpeg, png: cut.png });
  rows.push({ photo: photoName, verdict: picture.verdict, why: picture.reasons.join(), ...figures, ms });
  if (values.out !== undefined) await writeSheet(join(values.out, `${photoName}.png`), [photo, picture.jpeg, cut.png]);
}
await engine.close();
console.table(rows);

async function measure(files: { photo: Buffer; jpeg: Buffer; png: Buffer }): Promise<Record<string, number>> {
  const { data, info } = await sharp(files.jpeg).raw().toBuffer({ resolveWithObject: true });
  const size = { width: info.width, height: info.height };
  const source = sharp(files.photo).autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb');
  const input = {
    data: await source
      .resize({ ...size, fit: 'fill' })
      .raw()
      .toBuffer(),
    size,
  };
  const output = { data, size };
  const rgba = await sharp(files.png).raw().toBuffer();
  const garment = Uint8Array.from({ length: size.width * size.height }, (_, i) => (rgba[i * 4 + 3] === 255 ? 1 : 0));
  const ring = halo(input, output);
  const colour = colourChange(input, output, garment);
  const percent = (share: number) => round(share * 100, 3);
  return {
    ringPct: percent(whiteRing(output)),
    residuePct: percent(residue(input, output)),
    erasedPct: percent(erased(input, output)),
    halo: round(ring.mean, 2),
    haloOver8Pct: percent(ring.over8),
    clippedPct: percent(clipped(output, garment)),
    dL: round(colour.dL, 2),
    dAb: round(colour.dAb, 2),
    hue: round(colour.hue, 2),
    chroma: round(colour.chroma, 3),
    detail: round(colour.detail, 2),
  };
}

async function writeSheet(path: string, pictures: Buffer[]): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const tiles = await Promise.all(
    pictures.map((picture) =>
      sharp(picture).autoOrient().flatten({ background: '#c030c0' }).resize({ height: 900 }).png().toBuffer(),
    ),
  );
  await sharp(tiles, { join: { across: tiles.length } })
    .png()
    .toFile(path);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
