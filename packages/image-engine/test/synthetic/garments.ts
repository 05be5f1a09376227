import sharp from 'sharp';
import { distanceTo } from '../../src/matte/distance.ts';
import { createRandom, gaussian } from './random.ts';

export type Size = { width: number; height: number };

/** A garment with a known silhouette: `alpha` 0-1 and packed RGB, defined where alpha is above 0. */
export type Garment = { name: string; size: Size; rgb: Float32Array; alpha: Float32Array };

type Cut = { path: string; paint: (colour: Colour) => string; colour: Colour; grain: number };
type Colour = { h: number; s: number; l: number };
type Jitter = (amount: number) => number;

const css = (c: Colour, lighter = 0) => `hsl(${c.h},${c.s}%,${c.l + lighter}%)`;
const line = (d: string, colour: string, width: number) =>
  `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}"/>`;
const plain = (c: Colour) => `<rect width="100" height="134" fill="${css(c)}"/>`;

const stripes = (c: Colour) =>
  plain({ h: 40, s: 12, l: 91 }) +
  Array.from({ length: 17 }, (_, k) => `<rect y="${k * 8}" width="100" height="4.5" fill="${css(c)}"/>`).join('');
const dots = (c: Colour) =>
  plain(c) +
  Array.from({ length: 24 * 18 }, (_, k) => {
    const row = Math.floor(k / 18);
    const x = (k % 18) * 6 + (row % 2) * 3;
    return `<circle cx="${x}" cy="${row * 5.6}" r="1.3" fill="${css(c, 26)}"/>`;
  }).join('');
const twoTone = (c: Colour) =>
  plain(c) +
  `<rect width="100" height="46" fill="${css({ ...c, h: c.h + 10 }, 34)}"/>` +
  line('M50 20 V46', css(c), 1.2);
const belted = (c: Colour) => plain(c) + `<rect y="62" width="100" height="9" fill="${css(c, -12)}"/>`;
const pleats = (c: Colour) =>
  plain(c) + Array.from({ length: 22 }, (_, k) => line(`M${k * 5} 0 L${k * 4.6 + 2} 134`, css(c, -9), 0.8)).join('');

/** The cuts, in units of a hundredth of the width; `j` moves points a little, so that no two seeds agree. */
const CUTS: Record<string, (j: Jitter) => Cut> = {
  tee: (j) => ({
    path: `M${36 + j(2)} 22 Q50 ${33 + j(2)} 64 22 L82 ${32 + j(2)} L${90 + j(2)} 52 L77 57 L74 48 L${75 + j(2)} 110 Q50 115 26 110 L27 48 L23 57 L10 52 L18 32 Z`,
    colour: { h: 210 + j(60), s: 55, l: 42 },
    paint: plain,
    grain: 2,
  }),
  blouse: (j) => ({
    path: `M38 16 L50 ${26 + j(2)} L62 16 L76 24 L${90 + j(2)} 92 L82 95 L71 52 L${73 + j(2)} 104 Q50 110 28 104 L29 52 L18 95 L10 92 L24 24 Z`,
    colour: { h: 345 + j(15), s: 50, l: 55 },
    paint: dots,
    grain: 3,
  }),
  tank: (j) => ({
    path: `M30 12 L35 12 L${38 + j(1)} 38 Q50 46 62 38 L65 12 L70 12 L73 44 Q76 54 82 57 L${79 + j(2)} 118 Q50 122 21 118 L18 57 Q24 54 27 44 Z`,
    colour: { h: 20 + j(20), s: 62, l: 48 },
    paint: plain,
    grain: 3,
  }),
  dress: (j) => ({
    path: `M40 10 Q50 18 60 10 L68 14 L70 44 L66 62 L66 71 L${88 + j(2)} 124 Q50 131 12 124 L34 71 L34 62 L30 44 L32 14 Z M46 63.5 h${8 + j(0.5)} v6 h-8 Z`,
    colour: { h: 160 + j(30), s: 45, l: 32 },
    paint: belted,
    grain: 2,
  }),
  striped: (j) => ({
    path: `M37 20 Q50 30 63 20 L80 28 L${94 + j(1)} 74 L84 79 L74 52 L75 106 Q50 110 25 106 L26 52 L16 79 L6 74 L20 28 Z`,
    colour: { h: 225, s: 50, l: 22 + j(3) },
    paint: stripes,
    grain: 2,
  }),
  skirt: (j) => ({
    path: `M32 30 H68 L70 37 L${86 + j(3)} 104 Q50 112 14 104 L30 37 Z`,
    colour: { h: 40 + j(12), s: 50, l: 46 },
    paint: pleats,
    grain: 2,
  }),
  trousers: (j) => ({
    path: `M33 12 H67 L71 22 L${76 + j(2)} 124 H57 L${51 + j(0.5)} 46 L49 46 L43 124 H24 L29 22 Z`,
    colour: { h: 230, s: 22, l: 24 + j(4) },
    paint: plain,
    grain: 4,
  }),
  hoodie: (j) => ({
    path: `M37 22 Q36 8 50 8 Q64 8 63 22 L80 30 L${92 + j(1)} 96 L81 99 L74 58 L75 112 Q50 116 25 112 L26 58 L19 99 L8 96 L20 30 Z`,
    colour: { h: 250, s: 6, l: 17 + j(2) },
    paint: (c) => plain(c) + line('M36 80 Q50 72 64 80 V98 H36 Z', css(c, 9), 1.2),
    grain: 6,
  }),
  polo: (j) => ({
    path: `M38 16 H62 L66 22 L${85 + j(1)} 30 L92 50 L78 55 L73 46 L74 114 H26 L27 46 L22 55 L8 50 L15 30 L34 22 Z`,
    colour: { h: 225 + j(8), s: 40, l: 25 },
    paint: twoTone,
    grain: 2,
  }),
  camisole: (j) => ({
    path: `M31 10 L33 10 L${36 + j(0.5)} 40 Q43 35 50 42 Q57 35 64 40 L67 10 L69 10 L68 44 L74 52 L${80 + j(2)} 108 Q50 100 20 108 L26 52 L32 44 Z`,
    colour: { h: 350 + j(10), s: 70, l: 36 },
    paint: plain,
    grain: 1,
  }),
};

export const GARMENT_NAMES = Object.keys(CUTS);

/** Draws one garment: cut and paint as SVG, folds and weave on top. The same seed gives the same pixels. */
export async function drawGarment(name: string, size: Size, seed: number): Promise<Garment> {
  const random = createRandom(seed * 7919 + GARMENT_NAMES.indexOf(name));
  const cut = CUTS[name]?.((amount) => (random() * 2 - 1) * amount);
  if (cut === undefined) throw new Error(`no such garment: ${name}`);
  const alphaBytes = await raster(`<path d="${cut.path}" fill="#fff" fill-rule="evenodd"/>`, size);
  const paintBytes = await raster(cut.paint(cut.colour), size);
  const alpha = new Float32Array(size.width * size.height);
  const rgb = new Float32Array(alpha.length * 3);
  const fold = createFolds(random, size);
  const depth = edgeDepth(alphaBytes, size);
  for (let i = 0; i < alpha.length; i++) {
    alpha[i] = (alphaBytes[i * 4 + 3] ?? 0) / 255;
    const turn = Math.exp(-(depth[i] ?? 0) / (size.width * EDGE_REACH_SHARE));
    const light = fold(i % size.width, Math.floor(i / size.width)) * (1 - EDGE_SHADE * turn);
    const grain = gaussian(random) * cut.grain;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = clamp((paintBytes[i * 4 + c] ?? 0) * light + grain);
  }
  return { name, size, rgb, alpha };
}

/** Cloth turns away from the light at its outline: darker there by this share, fading over this share of the width. */
const EDGE_SHADE = 0.16;
const EDGE_REACH_SHARE = 0.008;

function edgeDepth(rgba: Buffer, size: Size): Float32Array {
  const outside = new Uint8Array(size.width * size.height);
  for (let i = 0; i < outside.length; i++) outside[i] = (rgba[i * 4 + 3] ?? 0) < 128 ? 1 : 0;
  return distanceTo(outside, size);
}

/** The same garment in white cloth, 226-252: folds and prints stay as faint greys. */
export function whiten(garment: Garment): Garment {
  let low = 255;
  let high = 0;
  const luma = (i: number) =>
    0.3 * (garment.rgb[i * 3] ?? 0) + 0.59 * (garment.rgb[i * 3 + 1] ?? 0) + 0.11 * (garment.rgb[i * 3 + 2] ?? 0);
  for (let i = 0; i < garment.alpha.length; i++) {
    if ((garment.alpha[i] ?? 0) < 0.5) continue;
    low = Math.min(low, luma(i));
    high = Math.max(high, luma(i));
  }
  const rgb = new Float32Array(garment.rgb.length);
  for (let i = 0; i < garment.alpha.length; i++) {
    const value = 226 + (26 * (luma(i) - low)) / Math.max(1, high - low);
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = clamp(value);
  }
  return { ...garment, rgb };
}

/** Free ground around the drawing, in its units: no garment or shadow reaches the outer 5 % of the picture. */
const MARGIN = 8;

async function raster(shapes: string, size: Size): Promise<Buffer> {
  const across = 100 + 2 * MARGIN;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="${-MARGIN} ${-MARGIN} ${across} ${(across * size.height) / size.width}">${shapes}</svg>`;
  return sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();
}

function createFolds(random: () => number, size: Size): (x: number, y: number) => number {
  const waves = Array.from({ length: 4 }, () => ({
    fx: (random() - 0.5) * 26,
    fy: (random() - 0.5) * 9,
    phase: random() * 6.28,
    depth: 0.03 + random() * 0.05,
  }));
  return (x, y) =>
    waves.reduce(
      (light, w) => light + w.depth * Math.sin((w.fx * x) / size.width + (w.fy * y) / size.height + w.phase),
      1,
    );
}

function clamp(value: number): number {
  return Math.min(255, Math.max(0, value));
}
