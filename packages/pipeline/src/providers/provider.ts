/** A stored file as it travels between steps: always an object of our own bucket, never an address from outside. */
export type FileRef = {
  file: string;
  contentType: string;
  bytes: number;
  width: number | null;
  height: number | null;
  /** Of a film. */
  durationMs?: number;
  /** Hex; of files we made. */
  sha256?: string;
  /** Whether the file shows that AI made it; absent before that was decided. */
  label?: 'visible' | 'none';
  /** The same file without the visible label, under a key of its own. */
  unlabelledFile?: string;
};

/** A file a provider made, not stored yet. Width and height are null for what has none. */
export type ProducedFile = {
  bytes: Buffer;
  contentType: string;
  width: number | null;
  height: number | null;
  durationMs?: number;
  label?: 'visible' | 'none';
  /** The bytes before the visible label was written, where they are to be kept. */
  unlabelled?: Buffer;
};

/** Files by name; a list is an ordered set of results. */
export type ProducedFiles = Readonly<Record<string, ProducedFile | readonly ProducedFile[]>>;

/**
 * What a provider did: `output` is the JSON that the step's outputMapping reads, in which each of `files` appears under its
 * name as a FileRef (or a list of them) once it is stored.
 */
export type ProviderResult = { output: Record<string, unknown>; files: ProducedFiles };

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
  /** What the vendor bills for it, where that is known; 0 when it never took the work. */
  readonly costMicroYuan: number | undefined;
  /** How many of the call's units were done and are billed, where the vendor bills by the unit. */
  readonly unitsDone: number | undefined;

  constructor(
    errorClass: ErrorClass,
    code: string,
    options?: ErrorOptions & { costMicroYuan?: number; unitsDone?: number },
  ) {
    super(`${errorClass}: ${code}`, options);
    this.errorClass = errorClass;
    this.code = code;
    this.costMicroYuan = options?.costMicroYuan;
    this.unitsDone = options?.unitsDone;
  }
}

/** The garment could not be told from its ground: no fault of the provider's health. */
export const NOT_CUT_OUT = 'not_cut_out';
/** The provider would not open the picture. */
export const PICTURE_REFUSED = 'picture_refused';
/** The object a call was to work on is no longer stored. */
export const INPUT_GONE = 'input_gone';
/** The vendor's own check refused what the member sent. */
export const CONTENT_REFUSED = 'content_refused';
/** Who was to work on the member's picture can not use it. */
export const INPUT_REFUSED = 'input_refused';
/** The vendor works on as much for us as it allows at once: neither its fault nor a try. */
export const BUSY = 'busy';

/** True when the provider did its part: the failure lies elsewhere, and says nothing about the provider's health. */
export function isSound(failure: ProviderFailure): boolean {
  return (
    failure.errorClass === 'member_input' ||
    failure.code === NOT_CUT_OUT ||
    failure.code === BUSY ||
    failure.code.startsWith(PICTURE_REFUSED)
  );
}

/** A step of type sync_api uses `run`; async_api and scf use `background`. A provider may offer both. */
export type Provider = {
  readonly ref: string;
  /** Throws ProviderFailure; anything else thrown counts as the vendor's failure. */
  run?(call: ProviderCall): Promise<ProviderResult>;
  /** What became of an attempt whose answer was lost: its result, or undefined when the vendor has none. Costs nothing. */
  lookup?(call: ProviderCall): Promise<ProviderResult | undefined>;
  /** How many units a call is billed as; 1 unless it says. */
  units?(call: Omit<ProviderCall, 'signal'>): number;
  /** What the vendor calls the work of an attempt; kept with the attempt before the call. */
  vendorRef?(call: Omit<ProviderCall, 'signal'>): string;
  background?: BackgroundWork;
  /** Asks the vendor whether it would take work; costs nothing. Throws ProviderFailure. */
  probe?(signal: AbortSignal): Promise<void>;
  /** What is left of the account work is paid from. Throws ProviderFailure. */
  account?(signal: AbortSignal): Promise<VendorAccount>;
  /** What work that the vendor took cost by its own figure, also long after. Costs nothing. Throws ProviderFailure. */
  consumption?(vendorRef: string, signal: AbortSignal): Promise<WorkConsumption>;
};

/** Money in 1/1,000,000 yuan, the vendor's own coins in millionths and what one costs; low when neither lasts long. */
export type VendorAccount = { microYuan: number; microCoins: number; microYuanPerCoin: number; isLow: boolean };

/** `silent`: it is over, and the vendor says no figure. `unknown`: it has no such work. */
export type WorkConsumption =
  | { state: 'told'; costMicroYuan: number }
  | { state: 'silent' }
  | { state: 'under_way' }
  | { state: 'unknown' };

/** An attempt the vendor works on while nobody waits. */
export type SubmittedWork = {
  attemptId: string;
  /** Null while the vendor's answer is lost. */
  vendorRef: string | null;
  /** What a signed callback said; null before. */
  result: unknown;
  /** The time for it is over: this is the last look. */
  isLast: boolean;
};

/** How the vendor's work stands. Complete when `collect` is there, failed when `failure` is, both subject to `status`. */
export type WorkState = {
  /** The vendor's word, compared with the step's complete and failed statuses. */
  status: string;
  costMicroYuan?: number;
  failure?: ProviderFailure;
  /** Reads the results. Throws ProviderFailure. */
  collect?: () => Promise<ProviderResult>;
};

export type BackgroundWork = {
  /**
   * Hands the work over; returns the vendor's name for it. Throws ProviderFailure, `unknown_outcome` when the vendor may have
   * taken it.
   */
  submit(call: ProviderCall & { attemptId: string; hintToken: string }): Promise<{ vendorRef: string }>;
  /** Costs nothing. Throws ProviderFailure when the vendor could not be asked: the work is then as it was. */
  check(call: ProviderCall, work: SubmittedWork): Promise<WorkState>;
  /** After a lost answer: the vendor's name for the work if it has it; undefined when that can not be told. */
  find?(call: ProviderCall, work: SubmittedWork): Promise<{ vendorRef: string } | undefined>;
  /** A submission whose answer was lost keeps all others from being asked for this long. */
  unknownMs: number;
  /** Asks the vendor to stop. `billed` false only when the vendor says that nothing is. */
  stop(call: ProviderCall, work: SubmittedWork): Promise<{ billed: boolean; costMicroYuan?: number }>;
};

export type ProviderRegistry = { get(ref: string): Provider | undefined | Promise<Provider | undefined> };

/** The picture a call is about. */
export function pictureOf(call: ProviderCall): FileRef {
  const image = call.input['image'];
  if (!isFileRef(image)) throw new ProviderFailure('member_input', INPUT_GONE);
  return image;
}

/** The pictures a call is about, one at least. */
export function picturesOf(call: ProviderCall): FileRef[] {
  const images = call.input['images'];
  const pictures = Array.isArray(images) ? images.filter(isFileRef) : [];
  if (!Array.isArray(images) || pictures.length === 0 || pictures.length < images.length)
    throw new ProviderFailure('member_input', INPUT_GONE);
  return pictures;
}

export function isFileRef(value: unknown): value is FileRef {
  return typeof value === 'object' && value !== null && 'file' in value && typeof value.file === 'string';
}
