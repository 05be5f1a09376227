import type { CleanPicture, CutOut, FinishedPicture, Transform, Transformed } from './engine-types.ts';
import type { ImageRefusal } from './image-refused.ts';

/** What each kind of job takes and gives. */
export type Jobs = {
  cutOut: { input: { bytes: Uint8Array }; output: CutOut };
  clean: { input: { bytes: Uint8Array }; output: CleanPicture };
  finishOnWhite: { input: { bytes: Uint8Array }; output: FinishedPicture };
  transform: { input: { bytes: Uint8Array; transform: Transform }; output: Transformed };
};
export type JobKind = keyof Jobs;

export type JobRequest = { [K in JobKind]: { kind: K; input: Jobs[K]['input'] } }[JobKind];

export type JobAnswer =
  | { status: 'done'; output: Jobs[JobKind]['output'] }
  | { status: 'refused'; reason: ImageRefusal; details: Record<string, number | string> }
  | { status: 'failed'; message: string; stack: string };

/** A Buffer that crossed a thread arrives as a plain Uint8Array; this gives the Buffer back without copying. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
