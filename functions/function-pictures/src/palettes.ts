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

/** `template` names a palette (red when absent); `colors` replaces single colours of it. */
export function readPalette(input: PlainRecord): Palette {
  const name = input.template ?? 'red';
  const palette = Object.entries(palettes).find(([known]) => known === name)?.[1];
  if (palette === undefined) throw refused(`template is none of ${Object.keys(palettes).join(', ')}`);
  const own = input.colors ?? {};
  if (typeof own !== 'object' || Array.isArray(own)) throw refused('colors is no object');
  const colors = new Map<string, unknown>(Object.entries(own));
  const background = readColor(colors.get('background'), 'colors.background');
  return {
    ground: background === undefined ? palette.ground : [background, background],
    accent: readColor(colors.get('accent'), 'colors.accent') ?? palette.accent,
    onAccent: palette.onAccent,
    text: readColor(colors.get('text'), 'colors.text') ?? palette.text,
  };
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
