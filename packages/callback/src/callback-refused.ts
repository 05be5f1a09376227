/** Why a callback is not believed. Never told to the caller in detail: the log knows. */
export type CallbackRefusal =
  | 'header_missing'
  | 'timestamp_malformed'
  | 'timestamp_stale'
  | 'nonce_malformed'
  | 'key_unknown'
  | 'signature_wrong'
  | 'body_malformed';

/** Thrown instead of returned, so that a refusal can not be overlooked. */
export class CallbackRefused extends Error {
  override readonly name = 'CallbackRefused';
  readonly reason: CallbackRefusal;

  constructor(reason: CallbackRefusal, detail = '') {
    super(detail === '' ? reason : `${reason}: ${detail}`);
    this.reason = reason;
  }
}
