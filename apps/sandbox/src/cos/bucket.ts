import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { SandboxConfig } from '../config.ts';
import { VendorError, type Answer } from '../vendor-call.ts';
import { xmlAnswer } from './cos-answers.ts';
import { queryValue, type CosRequest } from './cos-request.ts';
import type { ObjectStore } from './object-store.ts';
import { assertDigest } from './objects.ts';

const MAX_KEYS = 1000;
const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'Object' });

const deleteDocument = z.object({
  Delete: z.object({
    Quiet: z.string().optional(),
    Object: z
      .array(z.object({ Key: z.string().min(1) }))
      .min(1)
      .max(MAX_KEYS),
  }),
});

/** List v1: prefix, marker, delimiter, max-keys, encoding-type. */
export function listObjects(store: ObjectStore, config: SandboxConfig, request: CosRequest): Answer {
  const prefix = queryValue(request, 'prefix') ?? '';
  const marker = queryValue(request, 'marker') ?? '';
  const delimiter = queryValue(request, 'delimiter') ?? '';
  const maxKeys = readMaxKeys(queryValue(request, 'max-keys'));
  const encodes = queryValue(request, 'encoding-type') === 'url';
  const name = (text: string): string => (encodes ? encodeURIComponent(text).replaceAll('%2F', '/') : text);

  const contents: Record<string, unknown>[] = [];
  const folders: string[] = [];
  let last = '';
  let isTruncated = false;
  for (const object of store.list(prefix)) {
    const cut = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const folder = cut === -1 ? undefined : object.key.slice(0, cut + delimiter.length);
    const entry = folder ?? object.key;
    if (entry <= marker || folders.includes(entry)) continue;
    if (contents.length + folders.length === maxKeys) {
      isTruncated = true;
      break;
    }
    last = entry;
    if (folder === undefined) {
      const { key, lastModified, etag, body } = object;
      contents.push({
        Key: name(key),
        LastModified: lastModified.toISOString(),
        ETag: etag,
        Size: body.length,
        Owner: { ID: '1', DisplayName: '1' },
        StorageClass: 'STANDARD',
      });
    } else folders.push(folder);
  }
  return xmlAnswer(request, 200, {
    ListBucketResult: {
      Name: config.cos.bucket,
      ...(encodes ? { EncodingType: 'url' } : {}),
      Prefix: name(prefix),
      Marker: name(marker),
      MaxKeys: maxKeys,
      ...(delimiter === '' ? {} : { Delimiter: delimiter }),
      IsTruncated: isTruncated,
      ...(isTruncated ? { NextMarker: name(last) } : {}),
      Contents: contents,
      CommonPrefixes: folders.map((folder) => ({ Prefix: name(folder) })),
    },
  });
}

/** The keys a `POST ?delete` names. */
export function keysToDelete(request: CosRequest): string[] {
  assertDigest(request);
  const parsed = deleteDocument.safeParse(readXml(request.body));
  if (!parsed.success) throw malformed();
  return parsed.data.Delete.Object.map((object) => object.Key);
}

export function deleteObjects(store: ObjectStore, request: CosRequest): Answer {
  const results = keysToDelete(request).map((key) => ({ key, error: removalError(store, key) }));
  const isQuiet = /<Quiet>\s*true\s*<\/Quiet>/i.test(request.body.toString('utf8'));
  const deleted = results.filter(({ error }) => error === undefined);
  return xmlAnswer(request, 200, {
    DeleteResult: {
      Deleted: isQuiet ? [] : deleted.map(({ key }) => ({ Key: key })),
      Error: results.flatMap(({ key, error }) =>
        error === undefined ? [] : [{ Key: key, Code: error.code, Message: error.message }],
      ),
    },
  });
}

function removalError(store: ObjectStore, key: string): VendorError | undefined {
  try {
    store.remove(key);
    return undefined;
  } catch (error) {
    if (error instanceof VendorError) return error;
    throw error;
  }
}

function readXml(body: Buffer): unknown {
  try {
    return parser.parse(body.toString('utf8'), true);
  } catch {
    throw malformed();
  }
}

function malformed(): VendorError {
  return new VendorError(400, 'MalformedXML', 'The XML you provided was not well-formed.');
}

function readMaxKeys(text: string | undefined): number {
  if (text === undefined) return MAX_KEYS;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0) throw new VendorError(400, 'InvalidArgument', 'max-keys is not valid.');
  return Math.min(count, MAX_KEYS);
}
