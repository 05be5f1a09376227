import type { CallIds } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { Vendor } from '../fault-schema.ts';
import { VendorError, type Answer } from '../vendor-call.ts';
import type { Permission } from './authorize.ts';
import { deleteObjects, keysToDelete, listObjects } from './bucket.ts';
import { cosAnswer } from './cos-answers.ts';
import { queryValue, type CosRequest } from './cos-request.ts';
import type { Multipart } from './multipart.ts';
import type { ObjectStore } from './object-store.ts';
import { copyObject, copySourceKey, deleteObject, getObject, headObject, putObject } from './objects.ts';

/** What a request asks for: under which vendor it is counted, what it must be allowed, what it does. */
export type Operation = {
  vendor: Vendor;
  action: string;
  ids: CallIds;
  permissions: () => Permission[];
  perform: () => Answer | Promise<Answer>;
};

export type OperationDeps = { config: SandboxConfig; store: ObjectStore; multipart: Multipart };

/** Parts of the vendor's interface that are not spoken here: refused, never taken for a plain object or listing. */
const UNSPOKEN = new Set(
  `accelerate acl append cors domain encryption inventory intelligenttiering lifecycle location logging object-lock origin
  policy publicaccessblock referer replication restore retention select tagging versioning versions website`.split(
    /\s+/,
  ),
);

/** The storage operation of a request; throws for what this sandbox does not speak. */
export function storageOperation(deps: OperationDeps, request: CosRequest): Operation {
  if (request.query.some(([name, value]) => value === '' && UNSPOKEN.has(name.toLowerCase()))) {
    throw new VendorError(501, 'NotImplemented', 'The sandbox does not speak this sub-resource.');
  }
  const { key, method } = request;
  const has = (name: string): boolean => queryValue(request, name) !== undefined;
  if (key === '') return bucketOperation(deps, request, { method, has });
  if (has('uploads') || has('uploadid')) return partOperation(deps.multipart, request, { method, has });
  const { store } = deps;
  const isCopy = request.headers['x-cos-copy-source'] !== undefined;
  switch (method) {
    case 'PUT':
      return isCopy ? copyOperation(deps, request) : on(key, 'PutObject', () => putObject(store, request));
    case 'GET':
      return on(key, 'GetObject', () => getObject(store, request));
    case 'HEAD':
      return on(key, 'HeadObject', () => headObject(store, request));
    case 'DELETE':
      return on(key, 'DeleteObject', () => deleteObject(store, request));
    default:
      throw notAllowed();
  }
}

type Shape = { method: string; has: (name: string) => boolean };

/** An action on one key, which it must be allowed. */
function on(key: string, action: string, perform: () => Answer): Operation {
  return { vendor: 'cos', action, ids: { key }, permissions: () => [{ action: `cos:${action}`, key }], perform };
}

function copyOperation({ store, config }: OperationDeps, request: CosRequest): Operation {
  const permissions = () => [
    { action: 'cos:PutObject', key: request.key },
    { action: 'cos:GetObject', key: copySourceKey(request, config) },
  ];
  return { ...on(request.key, 'CopyObject', () => copyObject(store, config, request)), permissions };
}

function partOperation(multipart: Multipart, request: CosRequest, { method, has }: Shape): Operation {
  const { key } = request;
  if (method === 'POST' && has('uploads')) {
    return on(key, 'InitiateMultipartUpload', () => multipart.initiate(request));
  }
  if (method === 'PUT' && has('partnumber')) return on(key, 'UploadPart', () => multipart.uploadPart(request));
  if (method === 'POST') return on(key, 'CompleteMultipartUpload', () => multipart.complete(request));
  if (method === 'DELETE') return on(key, 'AbortMultipartUpload', () => multipart.abort(request));
  if (method === 'GET') return on(key, 'ListParts', () => multipart.listParts(request));
  throw notAllowed();
}

function bucketOperation(
  { config, store, multipart }: OperationDeps,
  request: CosRequest,
  { method, has }: Shape,
): Operation {
  const prefix = queryValue(request, 'prefix') ?? '';
  const bucketWide = (action: string, perform: () => Answer): Operation => ({
    ...on(prefix, action, perform),
    ids: {},
  });
  if (method === 'GET' && has('uploads')) {
    return bucketWide('ListMultipartUploads', () => multipart.listUploads(request));
  }
  if (method === 'GET') return bucketWide('GetBucket', () => listObjects(store, config, request));
  if (method === 'HEAD') return bucketWide('HeadBucket', () => cosAnswer(request, { status: 200 }));
  if (method === 'POST' && has('delete')) {
    const permissions = () => keysToDelete(request).map((key) => ({ action: 'cos:DeleteMultipleObjects', key }));
    return { ...bucketWide('DeleteMultipleObjects', () => deleteObjects(store, request)), permissions };
  }
  throw notAllowed();
}

function notAllowed(): VendorError {
  return new VendorError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
}
