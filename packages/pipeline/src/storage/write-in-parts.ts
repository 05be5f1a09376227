import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type COS from 'cos-nodejs-sdk-v5';
import { CosCallFailed, cosFailure } from './cos-client.ts';

/** What COS takes in one upload. */
const MOST_PARTS = 10_000;
/** A part is kept in memory, so it can be sent again: this often in all. */
const PART_TRIES = 4;
const PAUSE_MS = 300;

type Place = { Bucket: string; Region: string; Key: string };
export type LargeObject = { body: Readable; bytes: number; contentType: string; partBytes: number };

/**
 * Stores an object of up to 48 TB part by part. Each part is proven by its MD5, both ways. Nothing is under the key before the last call: given up
 * in between, the parts are thrown away, and what an older object held stays. Throws CosCallFailed.
 */
export async function writeInParts(
  cos: COS,
  place: Place,
  { body, bytes, contentType, partBytes }: LargeObject,
): Promise<void> {
  const size = Math.max(partBytes, Math.ceil(bytes / MOST_PARTS));
  const { UploadId } = await asked('InitiateMultipartUpload', () =>
    cos.multipartInit({ ...place, ContentType: contentType }),
  );
  const upload = { ...place, UploadId };
  let isWhole = false;
  try {
    const parts = await sendAll(cos, upload, { body, bytes, size });
    isWhole = true;
    await asked('CompleteMultipartUpload', () => cos.multipartComplete({ ...upload, Parts: parts }));
  } catch (error) {
    const isGone = await giveUp(cos, upload);
    if (!(isWhole && isGone)) throw error;
  }
}

type Upload = Place & { UploadId: string };

async function sendAll(
  cos: COS,
  upload: Upload,
  { body, bytes, size }: { body: Readable; bytes: number; size: number },
): Promise<COS.Part[]> {
  const parts: COS.Part[] = [];
  let written = 0;
  for await (const part of inPieces(body, size)) {
    const PartNumber = parts.length + 1;
    parts.push({ PartNumber, ETag: await sendPart(cos, upload, { PartNumber, part }) });
    written += part.length;
  }
  if (written !== bytes) throw new CosCallFailed('UploadPart', { status: undefined, code: 'LengthDiffers' });
  return parts;
}

/**
 * Throws the parts away. True when there is no such upload any more: nobody else ends it, so it was completed and only the answer got lost.
 * What can not be thrown away is no object either; a rule of the bucket deletes it.
 */
async function giveUp(cos: COS, upload: Upload): Promise<boolean> {
  try {
    await cos.multipartAbort(upload);
    return false;
  } catch (error) {
    return cosFailure('AbortMultipartUpload', error).code === 'NoSuchUpload';
  }
}

async function sendPart(
  cos: COS,
  upload: Upload,
  { PartNumber, part }: { PartNumber: number; part: Buffer },
): Promise<string> {
  const digest = createHash('md5').update(part).digest();
  const wish = { ...upload, PartNumber, Body: part, ContentLength: part.length };
  for (let tries = 1; ; tries += 1) {
    try {
      const { ETag } = await asked('UploadPart', () =>
        cos.multipartUpload({ ...wish, Headers: { 'Content-MD5': digest.toString('base64') } }),
      );
      if (ETag.replaceAll('"', '').toLowerCase() === digest.toString('hex')) return ETag;
      throw new CosCallFailed('UploadPart', { status: undefined, code: 'ETagDiffers' });
    } catch (error) {
      if (tries >= PART_TRIES || !isPassing(error)) throw error;
      await wait(PAUSE_MS * 2 ** (tries - 1));
    }
  }
}

/** No answer, a busy or broken one, or a part that arrived damaged: the same part replaces itself. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof CosCallFailed)) return false;
  const { status, code } = error;
  return status === undefined || status === 429 || status >= 500 || code === 'InvalidDigest';
}

/** The stream in pieces of that size, the last one shorter; one empty piece of an empty stream. */
async function* inPieces(body: Readable, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  let isFirst = true;
  for await (const chunk of body) {
    let rest = Buffer.from(chunk);
    while (bytes + rest.length >= size) {
      const end = size - bytes;
      yield Buffer.concat([...held, rest.subarray(0, end)]);
      rest = rest.subarray(end);
      held = [];
      bytes = 0;
      isFirst = false;
    }
    if (rest.length > 0) held.push(rest);
    bytes += rest.length;
  }
  if (bytes > 0 || isFirst) yield Buffer.concat(held);
}

async function asked<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw cosFailure(action, error);
  }
}
