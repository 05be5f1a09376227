import type { CallIds } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { Vendor } from '../fault-schema.ts';
import { VendorError, type Answer } from '../vendor-call.ts';
import type { Permission } from './authorize.ts';
import { deleteObjects, keysToDelete, listObjects } from './bucket.ts';
import { cosAnswer } from './cos-answers.ts';
import { queryValue, type CosRequest } from './cos-request.ts';
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

export type OperationDeps = { config: SandboxConfig; store: ObjectStore };

/** The storage operation of a request; throws for what this sandbox does not speak. */
export function storageOperation({ config, store }: OperationDeps, request: CosRequest): Operation {
  const { key } = request;
  const named = (action: string, perform: () => Answer, permissions?: () => Permission[]): Operation => ({
    vendor: 'cos',
    action,
    ids: key === '' ? {} : { key },
    permissions: permissions ?? (() => [{ action: `cos:${action}`, key }]),
    perform,
  });
  if (key === '') return bucketOperation({ config, store }, request, named);
  switch (request.method) {
    case 'PUT': {
      if (request.headers['x-cos-copy-source'] === undefined)
        return named('PutObject', () => putObject(store, request));
      return named(
        'CopyObject',
        () => copyObject(store, config, request),
        () => [
          { action: 'cos:PutObject', key },
          { action: 'cos:GetObject', key: copySourceKey(request, config) },
        ],
      );
    }
    case 'GET':
      return named('GetObject', () => getObject(store, request));
    case 'HEAD':
      return named('HeadObject', () => headObject(store, request));
    case 'DELETE':
      return named('DeleteObject', () => deleteObject(store, request));
    default:
      throw notAllowed();
  }
}

type Naming = (action: string, perform: () => Answer, permissions?: () => Permission[]) => Operation;

function bucketOperation({ config, store }: OperationDeps, request: CosRequest, named: Naming): Operation {
  if (request.method === 'GET') {
    const prefix = queryValue(request, 'prefix') ?? '';
    const permissions = () => [{ action: 'cos:GetBucket', key: prefix }];
    return named('ListObjects', () => listObjects(store, config, request), permissions);
  }
  if (request.method === 'HEAD') return named('HeadBucket', () => cosAnswer(request, { status: 200 }));
  if (request.method === 'POST' && queryValue(request, 'delete') !== undefined) {
    const permissions = () => keysToDelete(request).map((key) => ({ action: 'cos:DeleteMultipleObjects', key }));
    return named('DeleteMultipleObjects', () => deleteObjects(store, request), permissions);
  }
  throw notAllowed();
}

function notAllowed(): VendorError {
  return new VendorError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
}
