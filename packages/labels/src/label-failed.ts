export type LabelTrouble =
  | 'unsupported_format'
  | 'animated'
  | 'truncated'
  | 'corrupt'
  | 'too_small'
  | 'empty'
  /** Video whose index can not be moved safely: fragments, or more than 4 GB with 32-bit offsets. */
  | 'unsupported_layout'
  /** Nothing of a text could be set. */
  | 'no_text'
  /** The program that draws on video did not do it. */
  | 'video_tool';

/** The file could not be labelled or read; it must not be delivered. */
export class LabelFailed extends Error {
  override readonly name = 'LabelFailed';
  readonly reason: LabelTrouble;

  constructor(reason: LabelTrouble, where: string, options?: ErrorOptions) {
    super(`${reason}: ${where}`, options);
    this.reason = reason;
  }
}
