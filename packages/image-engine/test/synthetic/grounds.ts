import sharp from 'sharp';
import { boxBlur } from '../../src/matte/blur.ts';
import { type Garment, type Size, whiten } from './garments.ts';
import { createRandom, gaussian } from './random.ts';

/**
 * A grey gradient, noise, shadow; B warm cast and vignette; C white cloth on flat 240, faint shadow; D grey 190, deep shadow;
 * W white cloth on a 238 gradient, shadow; E wavy wood. The others are busy in other ways: checked cloth, a floor under a
 * wall, crumpled bed linen.
 */
export type GroundName = 'A' | 'B' | 'C' | 'D' | 'W' | 'E' | 'checked' | 'floor' | 'linen';

type Colour = readonly [number, number, number];
type Ground = {
  paint: (u: number, v: number, random: Phases) => Colour;
  shadow: number;
  noise: number;
  white?: true;
};
type Phases = readonly number[];

const grey = (value: number): Colour => [value, value, value];
const wave = (u: number, v: number, p: Phases, k: number) => Math.sin(u * (9 + 5 * k) + v * (4 + 7 * k) + (p[k] ?? 0));

const GROUNDS: Record<GroundName, Ground> = {
  A: { paint: (u, v) => grey(245 - 22 * (0.25 * u + 0.75 * v)), shadow: 0.25, noise: 1.5 },
  B: {
    paint: (u, v) => {
      const fall = 1 - 0.1 * ((u - 0.5) ** 2 + (v - 0.5) ** 2) * 2;
      return [244 * fall, 236 * fall, 222 * fall];
    },
    shadow: 0.12,
    noise: 1,
  },
  C: { paint: () => grey(240), shadow: 0.05, noise: 0.4, white: true },
  D: { paint: (u, v) => grey(190 + 4 * u - 3 * v), shadow: 0.3, noise: 1.5 },
  W: { paint: (u, v) => grey(238 - 9 * v + 3 * u), shadow: 0.12, noise: 1, white: true },
  E: {
    paint: (u, v, p) => {
      const grain = Math.sin(60 * u + 5 * Math.sin(7 * v + (p[0] ?? 0)) + (p[1] ?? 0)) * 14 + 8 * wave(u, v, p, 2);
      return [176 + grain, 138 + grain, 98 + 0.8 * grain];
    },
    shadow: 0.2,
    noise: 2,
  },
  checked: {
    paint: (u, v, p) => {
      const on = (t: number, k: number) => (Math.sin(t * 50 + (p[k] ?? 0)) > 0 ? 1 : 0);
      const tone = 225 - 30 * on(u, 0) - 30 * on(v, 1);
      return [tone, tone - 8, tone - 4];
    },
    shadow: 0.15,
    noise: 1,
  },
  floor: { paint: (_u, v) => (v < 0.62 ? [228, 228, 226] : [168, 140, 112]), shadow: 0.2, noise: 1.5 },
  linen: {
    paint: (u, v, p) => grey(226 + 9 * wave(u, v, p, 1) + 7 * wave(v, u, p, 2) + 6 * wave(u * 2, v * 2, p, 3)),
    shadow: 0.15,
    noise: 1,
  },
};

export type Scene = { name: string; ground: GroundName; size: Size; jpeg: Buffer; rgb: Buffer; truth: Float32Array };

/** Lays the garment on the ground with a soft shadow and sensor noise, as a JPEG of quality 88, 4:2:0. */
export async function photograph(garment: Garment, name: GroundName, seed: number): Promise<Scene> {
  const ground = GROUNDS[name];
  const random = createRandom(seed * 104_729 + name.charCodeAt(0));
  const phases = Array.from({ length: 4 }, () => random() * 6.28);
  const { size, alpha } = garment;
  const { rgb } = ground.white ? whiten(garment) : garment;
  const shade = dropShadow(alpha, size);
  const bytes = Buffer.alloc(alpha.length * 3);
  for (let i = 0; i < alpha.length; i++) {
    const x = i % size.width;
    const y = (i - x) / size.width;
    const colour = ground.paint(x / size.width, y / size.height, phases);
    const lit = 1 - ground.shadow * (shade[i] ?? 0);
    const a = alpha[i] ?? 0;
    for (let c = 0; c < 3; c++) {
      const value = a * (rgb[i * 3 + c] ?? 0) + (1 - a) * (colour[c] ?? 0) * lit + gaussian(random) * ground.noise;
      bytes[i * 3 + c] = Math.round(Math.min(255, Math.max(0, value)));
    }
  }
  const jpeg = await sharp(bytes, { raw: { ...size, channels: 3 } })
    .jpeg({ quality: 88, chromaSubsampling: '4:2:0' })
    .toBuffer();
  const decoded = await sharp(jpeg).raw().toBuffer();
  return { name: garment.name, ground: name, size, jpeg, rgb: decoded, truth: alpha };
}

/** The silhouette moved down and right, softened over about 2 % of the width. */
function dropShadow(alpha: Float32Array, size: Size): Float32Array {
  const dx = Math.round(size.width * 0.008);
  const dy = Math.round(size.height * 0.012);
  const moved = new Float32Array(alpha.length);
  for (let y = dy; y < size.height; y++) {
    for (let x = dx; x < size.width; x++) moved[y * size.width + x] = alpha[(y - dy) * size.width + x - dx] ?? 0;
  }
  const radius = Math.round(size.width * 0.014);
  return boxBlur(boxBlur(moved, size, radius), size, radius);
}
