import type { Permission } from '../cos/authorize.ts';
import { cosAnswer, xmlAnswer } from '../cos/cos-answers.ts';
import { queryValue, type CosRequest } from '../cos/cos-request.ts';
import type { ObjectStore, StoredObject } from '../cos/object-store.ts';
import { existing, locationOf, storeUpload } from '../cos/objects.ts';
import type { Operation } from '../cos/operations.ts';
import type { FaultBoard } from '../faults.ts';
import type { Answer } from '../vendor-call.ts';
import { readPicOperations, type PicRule } from './pic-operations.ts';
import { factsOf, runRule, type Cutter, type Made } from './processor.ts';
import { parseRule } from './rule.ts';

export type CiDeps = { store: ObjectStore; engine: Cutter; faults: FaultBoard };

const GARBAGE = Buffer.from('this is not a picture\n'.repeat(50));

/** The picture operation of a request, or undefined when it is about storage only. */
export function pictureOperation(deps: CiDeps, request: CosRequest): Operation | undefined {
  if (request.key === '') return undefined;
  if (request.method === 'GET') return downloadOperation(deps, request);
  const isCloudSide = request.method === 'POST' && queryValue(request, 'image_process') !== undefined;
  const isUpload = request.method === 'PUT' && request.headers['pic-operations'] !== undefined;
  if (!isCloudSide && !isUpload) return undefined;
  const rules = readPicOperations(request.headers['pic-operations'], request.key);
  const ids = {
    key: request.key,
    job: jobOf(rules.map((rule) => rule.text)),
    result: rules.map((rule) => rule.key).join(','),
  };
  const results = rules.map((rule) => ({ action: 'cos:PutObject', key: rule.key }));
  const source = { action: isUpload ? 'cos:PutObject' : 'cos:GetObject', key: request.key };
  return {
    vendor: 'ci',
    action: isUpload ? 'PutObjectWithProcess' : 'ImageProcess',
    ids,
    permissions: () => [source, ...results],
    perform: () => makeResults(deps, request, { rules, ids, isUpload }),
  };
}

/** `GET /key?ci-process=GoodsMatting` and `GET /key?imageMogr2/…`: the body is the picture made. */
function downloadOperation(deps: CiDeps, request: CosRequest): Operation | undefined {
  const process = queryValue(request, 'ci-process');
  const basic = request.query.find(([name]) => name.startsWith('imageMogr2'))?.[0];
  if (process === undefined && basic === undefined) return undefined;
  const text = process === undefined ? (basic ?? '') : `ci-process=${process}`;
  const target = { vendor: 'ci', action: 'ProcessOnDownload', ids: { key: request.key, job: jobOf([text]) } } as const;
  const jobs: Permission[] = process === undefined ? [] : [{ action: `ci:Create${process}Job`, key: request.key }];
  return {
    ...target,
    permissions: () => [{ action: 'cos:GetObject', key: request.key }, ...jobs],
    async perform() {
      const extra = request.query.filter(([name]) => name.endsWith('-layout')).map((pair) => pair.join('='));
      const steps = parseRule([text, ...extra].join('&'));
      const source = existing(deps.store, request.key);
      const made = spoiled(deps.faults, target, await runRule(deps.engine, source.body, steps));
      const headers = { 'Content-Type': made.mime, 'Content-Length': String(made.bytes.length) };
      return cosAnswer(request, { status: 200, headers, body: made.bytes });
    },
  };
}

type Making = { rules: PicRule[]; ids: Record<string, string>; isUpload: boolean };

/** Makes every result before the first is stored: a rule that fails leaves none behind. */
async function makeResults(deps: CiDeps, request: CosRequest, { rules, ids, isUpload }: Making): Promise<Answer> {
  const source = isUpload ? storeUpload(deps.store, request) : existing(deps.store, request.key);
  const original = await pictureInfo(source.body);
  const target = { vendor: 'ci', action: isUpload ? 'PutObjectWithProcess' : 'ImageProcess', ids } as const;
  const made: { rule: PicRule; picture: Made; info: PictureInfo }[] = [];
  for (const rule of rules) {
    const picture = await runRule(deps.engine, source.body, rule.steps);
    made.push({ rule, picture: spoiled(deps.faults, target, picture), info: await pictureInfo(picture.bytes) });
  }
  const objects = made.map(({ rule, picture, info }) => {
    const headers = { 'content-type': picture.mime };
    const stored = deps.store.put({ key: rule.key, body: picture.bytes, headers });
    return { ...placeOf(request, stored), ...info, Size: stored.body.length, Quality: 100, ETag: stored.etag };
  });
  return xmlAnswer(request, 200, {
    UploadResult: {
      OriginalInfo: {
        ...placeOf(request, source),
        ETag: source.etag,
        ImageInfo: { ...original, Quality: 100, Ave: '0xffffff', Orientation: 1 },
      },
      ProcessResults: { Object: objects },
    },
  });
}

type PictureInfo = { Format: string; Width: number; Height: number };

async function pictureInfo(bytes: Buffer): Promise<PictureInfo> {
  const { format, width, height } = await factsOf(bytes);
  return { Format: format, Width: width, Height: height };
}

function placeOf(request: CosRequest, object: StoredObject): { Key: string; Location: string } {
  return { Key: object.key, Location: locationOf(request, object.key) };
}

/** With a fault set, an answer that claims success carries no picture. */
function spoiled(faults: FaultBoard, target: Parameters<FaultBoard['take']>[0], made: Made): Made {
  const fault = faults.take(target, ['corrupt', 'empty']);
  if (fault === undefined) return made;
  return { ...made, bytes: fault.kind === 'empty' ? Buffer.alloc(0) : GARBAGE };
}

function jobOf(rules: string[]): string {
  return rules.map((rule) => rule.replaceAll('ci-process=', '')).join(',');
}
