/** What a job may fail with; the receiver decides by it who has to act. */
export type FailureCode =
  /** The member's picture or text can not be used. Another try gives the same answer. */
  | 'INPUT_REFUSED'
  /** The event itself is wrong: a mistake of the pipeline. */
  | 'INVOCATION_MALFORMED'
  | 'DOWNLOAD_FAILED'
  | 'UPLOAD_FAILED'
  | 'TIMED_OUT'
  | 'RENDER_FAILED';

/** Ends a job with a code for machines and words for operators; the words hold no signed address and no secret. */
export class FunctionFailure extends Error {
  override readonly name = 'FunctionFailure';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
