import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { AppError } from '@yunshang/contracts';
import type COS from 'cos-nodejs-sdk-v5';
import { cosFailure, createCosClient, CosCallFailed, isNoSuchKey, type CosSettings } from './cos-client.ts';
import type { Storage } from './storage.ts';
import { createUploadGrants } from './upload-grant.ts';
import { writeInParts } from './write-in-parts.ts';

const PAGE = 1000;
/** What COS takes in one call. */
const LARGEST_PUT = 5 * 1024 ** 3;
const PART_BYTES = 32 * 1024 ** 2;

/** Tencent COS. Reads and writes with the permanent key; browsers get temporary keys for one object. */
export function createCosStorage(settings: CosSettings): Storage {
  const cos = createCosClient(settings);
  const { partBytes = PART_BYTES, partBytes: inPartsAbove = LARGEST_PUT } = settings;
  const at = (key: string) => ({ Bucket: settings.bucket, Region: settings.region, Key: key });
  return {
    uploadGrant: createUploadGrants(settings),
    head: (key) =>
      unlessMissing('HeadObject', async () => {
        const headers = (await cos.headObject(at(key))).headers ?? {};
        return { bytes: Number(headers['content-length']), contentType: String(headers['content-type'] ?? '') };
      }),
    get: (key) => unlessMissing('GetObject', async () => (await cos.getObject(at(key))).Body),
    put: async (key, bytes, contentType) => {
      await answered('PutObject', () => cos.putObject({ ...at(key), Body: bytes, ContentType: contentType }));
    },
    putLocked: (key, bytes, { contentType, retainUntil }) =>
      unlessTaken(() =>
        cos.putObject({
          ...at(key),
          Body: bytes,
          ContentType: contentType,
          Headers: {
            'Content-MD5': createHash('md5').update(bytes).digest('base64'),
            'x-cos-forbid-overwrite': 'true',
            'x-cos-object-lock-mode': 'COMPLIANCE',
            'x-cos-object-lock-retain-until-date': retainUntil.toISOString(),
          },
        }),
      ),
    read: (key) => {
      const body = new PassThrough();
      cos.getObject({ ...at(key), Output: body }).catch((error: unknown) => {
        body.destroy(unavailable(cosFailure('GetObject', error)));
      });
      return body;
    },
    write: async (key, { body, bytes, contentType }) => {
      if (bytes > inPartsAbove) {
        await inParts(() => writeInParts(cos, at(key), { body, bytes, contentType, partBytes }));
        return;
      }
      await answered('PutObject', () =>
        cos.putObject({ ...at(key), Body: body, ContentLength: bytes, ContentType: contentType }),
      );
    },
    delete: async (key) => {
      await answered('DeleteObject', () => cos.deleteObject(at(key)));
    },
    list: async (prefix, after) => {
      const { Bucket, Region } = at('');
      const page = { Bucket, Region, Prefix: prefix, MaxKeys: PAGE, ...(after === undefined ? {} : { Marker: after }) };
      const answer = await answered('GetBucket', () => cos.getBucket(page));
      const objects = answer.Contents.map(({ Key, Size, LastModified }) => ({
        key: Key,
        bytes: Number(Size),
        modifiedAt: new Date(LastModified),
      }));
      return { objects, next: answer.IsTruncated === 'true' ? objects.at(-1)?.key : undefined };
    },
    signedPutUrl: async (key, { contentType, ttlSeconds, now }) => ({
      url: await answered('GetObjectUrl', () =>
        signUrl(cos, {
          ...at(key),
          Method: 'PUT',
          Sign: true,
          Expires: ttlSeconds,
          Headers: { 'Content-Type': contentType },
        }),
      ),
      expiresAt: new Date(now.getTime() + ttlSeconds * 1000),
    }),
    signedUrl: async (key, { ttlSeconds, now }) => ({
      url: await answered('GetObjectUrl', () => signUrl(cos, { ...at(key), Sign: true, Expires: ttlSeconds })),
      expiresAt: new Date(now.getTime() + ttlSeconds * 1000),
    }),
  };
}

/** The value given to the callback is the encoded one; the returned one differs in its parameter list. */
function signUrl(cos: COS, params: COS.GetObjectUrlParams): Promise<string> {
  return new Promise((resolve, reject) => {
    cos.getObjectUrl(params, (error: unknown, data) => {
      if (error) reject(cosFailure('GetObjectUrl', error));
      else resolve(data.Url);
    });
  });
}

async function answered<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw unavailable(cosFailure(action, error));
  }
}

/** What fails in the body itself stays what it is. */
async function inParts(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw error instanceof CosCallFailed ? unavailable(error) : error;
  }
}

async function unlessMissing<T>(action: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    const failure = cosFailure(action, error);
    if (isNoSuchKey(failure)) return undefined;
    throw unavailable(failure);
  }
}

/** A key that is taken stays as it is. */
async function unlessTaken(put: () => Promise<unknown>): Promise<void> {
  try {
    await put();
  } catch (error) {
    const failure = cosFailure('PutObject', error);
    if (failure.status !== 409) throw unavailable(failure);
  }
}

function unavailable(cause: CosCallFailed): AppError {
  return new AppError('STORAGE_UNAVAILABLE', {}, { cause });
}
