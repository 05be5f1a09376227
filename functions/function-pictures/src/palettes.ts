import { FunctionFailure } from '@yunshang/function-runtime';
import type { PlainRecord } from '@yunshang/callback';

/** Colours as `#rrggbb`. */
export interface Palette {
  /** Upper and lower end of the ground. */
  readonly ground: readonly [string, string];
  readonly accent: string;
  /** Text on `accent`. */
  readonly onAccent: string;
  readonly text: string;
}

const palettes = {
  red: { ground: ['#fff3ee', '#ffd9cc'], accent: '#d7263d', onAccent: '#ffffff', text: '#3b0d11' },
  cream: { ground: ['#fbf6ec', '#efe3cc'], accent: '#a0522d', onAccent: '#fffaf0', text: '#3a2a1a' },
  mint: { ground: ['#effaf5', '#cdeee0'], accent: '#0f7b5f', onAccent: '#ffffff', text: '#0d2b23' },
  night: { ground: ['#232946', '#121629'], accent: '#f4c95d', onAccent: '#121629', text: '#fffffe' },
} satisfies Record<string, Palette>;

/**
 * `template` names a palette (red when absent); `colors` replaces single colours of it. A colour of words that has too little
 * contrast to what lies under it gives way to black or white.
 */
export function readPalette(input: PlainRecord): Palette {
  const name = input.template ?? 'red';
  const palette = Object.entries(palettes).find(([known]) => known === name)?.[1];
  if (palette === undefined) throw refused(`template is none of ${Object.keys(palettes).join(', ')}`);
  const own = input.colors ?? {};
  if (typeof own !== 'object' || Array.isArray(own)) throw refused('colors is no object');
  const colors = new Map<string, unknown>(Object.entries(own));
  const background = readColor(colors.get('background'), 'colors.background');
  const ground: Palette['ground'] = background === undefined ? palette.ground : [background, background];
  const text = readable(readColor(colors.get('text'), 'colors.text') ?? palette.text, ground, 4.5);
  const accent = readable(readColor(colors.get('accent'), 'colors.accent') ?? palette.accent, ground, 3);
  return { ground, accent, onAccent: readable(palette.onAccent, [accent], 3), text };
}

/** `#rrggbb` in lower case, or undefined when not given. */
export function readColor(value: unknown, place: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string' || !/^#[\da-f]{6}$/i.test(value)) throw refused(`${place} is no colour like #d7263d`);
  return value.toLowerCase();
}

function refused(message: string): FunctionFailure {
  return new FunctionFailure('INPUT_REFUSED', message);
}

/** Contrast as WCAG 2 defines it, 1 to 21: 4.5 for text, 3 for large text. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function readable(color: string, grounds: readonly string[], least: number): string {
  const worst = (candidate: string) => Math.min(...grounds.map((ground) => contrast(candidate, ground)));
  if (worst(color) >= least) return color;
  return worst('#ffffff') > worst('#1a1a1a') ? '#ffffff' : '#1a1a1a';
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
