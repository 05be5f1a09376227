import type { ImageFormat } from './limits.ts';

/** `reject` means "not cut out": the caller treats it as a failure of the provider, never as a picture. */
export type Verdict = 'ok' | 'review' | 'reject';

/** RGBA PNG of the garment; the buffer is empty and the sides are 0 when the verdict is `reject`. */
export type CutOut = { verdict: Verdict; reasons: string[]; png: Buffer; width: number; height: number };

/** JPEG, quality 93, 4:4:4, the garment on exactly (255,255,255). */
export type CleanPicture =
  | { verdict: 'ok' | 'review'; reasons: string[]; jpeg: Buffer; width: number; height: number }
  | { verdict: 'reject'; reasons: string[] };

export type FinishedPicture = { jpeg: Buffer; width: number; height: number };

/** Sides in pixels: the picture is made to fit inside them, never enlarged. `quality` is 1-100 (jpeg, webp). */
export type Transform = { width?: number; height?: number; format?: ImageFormat; quality?: number };

export type Transformed = { bytes: Buffer; format: ImageFormat; width: number; height: number };
