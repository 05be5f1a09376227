export type ImageFormat = 'jpeg' | 'png' | 'webp';

/** What a picture must satisfy: size of the file in bytes, both sides in pixels after rotation. */
export type ImageLimits = {
  maxBytes: number;
  minSide: number;
  maxSide: number;
  formats: readonly ImageFormat[];
};

/** Limits of a member's upload. */
export const DEFAULT_IMAGE_LIMITS: ImageLimits = {
  maxBytes: 10 * 1024 * 1024,
  minSide: 500,
  maxSide: 8000,
  formats: ['jpeg', 'png', 'webp'],
};

/**
 * Limits of what the engine itself will open. Wider than an upload's: a vendor's cut-out may be cropped to less than
 * 500 pixels, and the PNG of an 8 megapixel cut-out may weigh more than 10 MB.
 */
export const ENGINE_IMAGE_LIMITS: ImageLimits = {
  maxBytes: 40 * 1024 * 1024,
  minSide: 16,
  maxSide: 8000,
  formats: ['jpeg', 'png', 'webp'],
};

export const MIME_OF_FORMAT = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
} as const satisfies Record<ImageFormat, string>;
