export { openPicture } from './open-picture.ts';
export type { OpenPicture } from './open-picture.ts';
export { readColor, readPalette } from './palettes.ts';
export type { Palette } from './palettes.ts';
export { setText } from './set-text.ts';
export type { SetText, TextToSet } from './set-text.ts';
