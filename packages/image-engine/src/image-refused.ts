export type ImageRefusal =
  | 'empty'
  | 'too_large'
  | 'unsupported_format'
  | 'too_small'
  | 'too_many_pixels'
  | 'truncated'
  | 'corrupt'
  | 'polyglot'
  | 'animated';

/** A picture that is not accepted. `details` gives the figures behind the reason (limits, sizes, what was found). */
export class ImageRefused extends Error {
  readonly reason: ImageRefusal;
  readonly details: Record<string, number | string>;

  constructor(reason: ImageRefusal, details: Record<string, number | string> = {}, options?: ErrorOptions) {
    super(`image refused: ${reason}`, options);
    this.name = 'ImageRefused';
    this.reason = reason;
    this.details = details;
  }
}
