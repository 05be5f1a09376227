import { createHash, randomBytes } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { SandboxConfig } from '../config.ts';
import { VendorError, type Answer } from '../vendor-call.ts';
import { cosAnswer, xmlAnswer } from './cos-answers.ts';
import { queryValue, type CosRequest } from './cos-request.ts';
import { readLock, type WishedLock } from './object-lock.ts';
import type { ObjectStore } from './object-store.ts';
import { assertDigest, keptHeaders, locationOf } from './objects.ts';

/** Every part but the last has at least this size. */
const MIN_PART_BYTES = 1024 * 1024;
const MAX_PARTS = 10_000;

type Part = { body: Buffer; etag: string; at: Date };
type Upload = {
  id: string;
  key: string;
  headers: Record<string, string>;
  lock: WishedLock;
  parts: Map<number, Part>;
  at: Date;
};

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'Part' });
const completion = z.object({
  CompleteMultipartUpload: z.object({
    Part: z.array(z.object({ PartNumber: z.coerce.number().int().positive(), ETag: z.string() })).min(1),
  }),
});

type Deps = { config: SandboxConfig; store: ObjectStore; now: () => Date };

/** Uploads in parts: begun, filled, completed or given up. */
export function createMultipart({ config, store, now }: Deps) {
  const uploads = new Map<string, Upload>();
  const { bucket } = config.cos;

  const uploadOf = (request: CosRequest): Upload => {
    const upload = uploads.get(queryValue(request, 'uploadid') ?? '');
    if (upload?.key === request.key) return upload;
    throw new VendorError(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
  };

  return {
    initiate(request: CosRequest): Answer {
      const id = `${Math.floor(now().getTime() / 1000)}${randomBytes(27).toString('hex')}`;
      const lock = readLock(request, now());
      const upload = { id, key: request.key, headers: keptHeaders(request), lock, parts: new Map(), at: now() };
      uploads.set(id, upload);
      return xmlAnswer(request, 200, {
        InitiateMultipartUploadResult: { Bucket: bucket, Key: request.key, UploadId: id },
      });
    },

    uploadPart(request: CosRequest): Answer {
      const upload = uploadOf(request);
      const number = Number(queryValue(request, 'partnumber'));
      if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
        throw new VendorError(400, 'InvalidArgument', 'partNumber is not valid.');
      }
      assertDigest(request);
      const etag = `"${createHash('md5').update(request.body).digest('hex')}"`;
      upload.parts.set(number, { body: request.body, etag, at: now() });
      return cosAnswer(request, { status: 200, headers: { ETag: etag } });
    },

    complete(request: CosRequest): Answer {
      const upload = uploadOf(request);
      const parts = listedParts(upload, request.body);
      const body = Buffer.concat(parts.map((part) => part.body));
      const digests = Buffer.concat(parts.map((part) => Buffer.from(part.etag.slice(1, -1), 'hex')));
      const etag = `"${createHash('md5').update(digests).digest('hex')}-${parts.length}"`;
      store.put({ key: upload.key, body, headers: upload.headers, etag, ...upload.lock });
      uploads.delete(upload.id);
      return xmlAnswer(request, 200, {
        CompleteMultipartUploadResult: {
          Location: locationOf(request, upload.key),
          Bucket: bucket,
          Key: upload.key,
          ETag: etag,
        },
      });
    },

    abort(request: CosRequest): Answer {
      uploads.delete(uploadOf(request).id);
      return cosAnswer(request, { status: 204 });
    },

    listParts(request: CosRequest): Answer {
      const { id, key, parts } = uploadOf(request);
      const sorted = [...parts].sort(([a], [b]) => a - b);
      const Part = sorted.map(([PartNumber, { body, etag, at }]) => {
        return { PartNumber, LastModified: at.toISOString(), ETag: etag, Size: body.length };
      });
      const head = { Bucket: bucket, Key: key, UploadId: id, IsTruncated: false };
      return xmlAnswer(request, 200, { ListPartsResult: { ...head, Part } });
    },

    listUploads(request: CosRequest): Answer {
      const prefix = queryValue(request, 'prefix') ?? '';
      const open = [...uploads.values()].filter((upload) => upload.key.startsWith(prefix));
      const Upload = open.map(({ key, id, at }) => ({ Key: key, UploadId: id, Initiated: at.toISOString() }));
      const head = { Bucket: bucket, Prefix: prefix, IsTruncated: false };
      return xmlAnswer(request, 200, { ListMultipartUploadsResult: { ...head, Upload } });
    },

    reset: () => uploads.clear(),
  };
}

export type Multipart = ReturnType<typeof createMultipart>;

/** The parts a completion names: ascending, uploaded, each big enough. */
function listedParts(upload: Upload, body: Buffer): Part[] {
  const parsed = completion.safeParse(parser.parse(body.toString('utf8')));
  if (!parsed.success) throw new VendorError(400, 'MalformedXML', 'The XML you provided was not well-formed.');
  const named = parsed.data.CompleteMultipartUpload.Part;
  return named.map(({ PartNumber, ETag }, index) => {
    const part = upload.parts.get(PartNumber);
    if (part === undefined || part.etag.replaceAll('"', '') !== ETag.replace(/&quot;|"/g, '')) {
      throw new VendorError(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
    }
    if (index > 0 && PartNumber <= (named[index - 1]?.PartNumber ?? 0)) {
      throw new VendorError(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    if (index < named.length - 1 && part.body.length < MIN_PART_BYTES) {
      throw new VendorError(400, 'EntityTooSmall', 'A part is smaller than the minimum allowed size.');
    }
    return part;
  });
}
