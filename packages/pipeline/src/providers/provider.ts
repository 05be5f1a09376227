/** A stored file as it travels between steps: always an object of our own bucket, never an address from outside. */
export type FileRef = {
  file: string;
  contentType: string;
  bytes: number;
  width: number | null;
  height: number | null;
  /** Hex; of files we made. */
  sha256?: string;
};

/** A picture a provider made, not stored yet. */
export type ProducedFile = { bytes: Buffer; contentType: string; width: number; height: number };

/**
 * What a provider did: `output` is the JSON that the step's outputMapping reads, in which each of `files` appears under its
 * name as a FileRef once it is stored.
 */
export type ProviderResult = { output: Record<string, unknown>; files: Readonly<Record<string, ProducedFile>> };

/** One attempt. `input` is the resolved inputMapping; files in it are FileRefs. */
export type ProviderCall = {
  taskId: string;
  userId: string;
  stepIndex: number;
  attemptNo: number;
  endpoint: string;
  input: Readonly<Record<string, unknown>>;
  /** Aborted when the time is up or the task is no longer ours; the result is then ignored. */
  signal: AbortSignal;
};

export type ErrorClass = 'member_input' | 'our_account' | 'vendor' | 'unknown_outcome';

/**
 * Why an attempt gave nothing. `member_input`: no provider can do it. `our_account`, `vendor`: the next may. `unknown_outcome`:
 * the vendor may have done it; ask before anything else.
 */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  readonly errorClass: ErrorClass;
  /** Snake case, ours; never a member's text. */
  readonly code: string;

  constructor(errorClass: ErrorClass, code: string, options?: ErrorOptions) {
    super(`${errorClass}: ${code}`, options);
    this.errorClass = errorClass;
    this.code = code;
  }
}

/** The garment could not be told from its ground: no fault of the provider's health. */
export const NOT_CUT_OUT = 'not_cut_out';
/** The provider would not open the picture. */
export const PICTURE_REFUSED = 'picture_refused';
/** The object a call was to work on is no longer stored. */
export const INPUT_GONE = 'input_gone';

/** True when the provider did its part: the failure lies in the picture, and says nothing about the provider's health. */
export function isSound(failure: ProviderFailure): boolean {
  return (
    failure.errorClass === 'member_input' || failure.code === NOT_CUT_OUT || failure.code.startsWith(PICTURE_REFUSED)
  );
}

export type Provider = {
  readonly ref: string;
  /** Throws ProviderFailure; anything else thrown counts as the vendor's failure. */
  run(call: ProviderCall): Promise<ProviderResult>;
  /** What became of an attempt whose answer was lost: its result, or undefined when the vendor has none. Costs nothing. */
  lookup?(call: ProviderCall): Promise<ProviderResult | undefined>;
  /** What the vendor calls the work of an attempt; kept with the attempt before the call. */
  vendorRef?(call: Omit<ProviderCall, 'signal'>): string;
};

export type ProviderRegistry = { get(ref: string): Provider | undefined };

/** The picture a call is about. */
export function pictureOf(call: ProviderCall): FileRef {
  const image = call.input['image'];
  if (!isFileRef(image)) throw new ProviderFailure('member_input', INPUT_GONE);
  return image;
}

export function isFileRef(value: unknown): value is FileRef {
  return typeof value === 'object' && value !== null && 'file' in value && typeof value.file === 'string';
}
