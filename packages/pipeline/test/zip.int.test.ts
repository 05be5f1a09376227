import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { newId, systemClock } from '@yunshang/db';
import { type MadeMember } from '@yunshang/devstack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { createBatches, createCosStorage, makeZip, sweepZips, type Batches } from '../src/index.ts';
import { ahead, cosSettings, createRig, type Rig } from './rig.ts';

let rig: Rig;
let batches: Batches;
const signals = { nudge: () => undefined, taskMoved: () => undefined };

beforeAll(async () => {
  rig = await createRig();
  const { database, storage, intake } = rig;
  batches = createBatches({ db: database.db, clock: systemClock, storage, intake, signals });
});

afterAll(() => rig.close());

/** A batch whose first tasks succeeded with these files. */
async function finished(who: MadeMember, files: readonly Buffer[], size = files.length): Promise<string> {
  const inputs = Array.from({ length: size }, () => ({ photo: who.assetId }));
  const wish = { userId: who.userId, featureId: 'basic_clean', inputs, idempotencyKey: newId() };
  const batch = await batches.create(wish);
  const { db } = rig.database;
  const now = new Date();
  for (const [index, bytes] of files.entries()) {
    const task = batch.tasks[index];
    if (task === undefined) throw new Error('no such task');
    const key = `u/${who.userId}/results/${task.id}.jpg`;
    await rig.storage.put(key, bytes, 'image/jpeg');
    await db
      .updateTable('tasks')
      .set({ status: 'succeeded', percent: 100, stage: 'done', finished_at: now })
      .where('id', '=', task.id)
      .execute();
    await db
      .updateTable('quota_charges')
      .set({ status: 'settled', ended_at: now })
      .where('task_id', '=', task.id)
      .execute();
    await db
      .insertInto('assets')
      .values({
        id: newId(),
        user_id: who.userId,
        kind: 'result',
        status: 'ready',
        object_key: key,
        content_type: 'image/jpeg',
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest(),
        task_id: task.id,
        feature_id: 'basic_clean',
        output_name: 'image',
        created_at: now,
      })
      .execute();
  }
  return batch.id;
}

/** Names and bytes of an archive, as another program reads them. */
function unzip(archive: Buffer): Promise<Map<string, Buffer>> {
  return new Promise((resolve, reject) => {
    const files = new Map<string, Buffer>();
    fromBuffer(archive, { lazyEntries: true }, (error, zip: ZipFile) => {
      if (error) return reject(error);
      zip.on('error', reject).on('end', () => resolve(files));
      zip.on('entry', (entry: Entry) =>
        zip.openReadStream(entry, (failed, stream) => {
          if (failed) return reject(failed);
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('end', () => {
            files.set(entry.fileName, Buffer.concat(parts));
            zip.readEntry();
          });
        }),
      );
      zip.readEntry();
    });
  });
}

const make = (batchId: string) =>
  makeZip({ db: rig.database.db, clock: systemClock, storage: rig.storage }, { batchId });

async function download(url: string | null): Promise<Buffer> {
  const response = await fetch(url ?? '');
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

test('all results come in one file, named by their place, byte for byte', async () => {
  const who = await rig.member();
  const files = [randomBytes(1_500_000), randomBytes(10), randomBytes(300_000)];
  const batchId = await finished(who, files, 4);
  expect(await batches.zip(who.userId, batchId)).toEqual({ status: 'preparing', files: 3, url: null, expiresAt: null });
  await batches.zip(who.userId, batchId);
  const jobs = await rig.database.db
    .selectFrom('outbox')
    .select('job')
    .where('dedup_key', '=', `zip:${batchId}`)
    .execute();
  expect(jobs).toHaveLength(1);
  await make(batchId);
  const ready = await batches.zip(who.userId, batchId);
  expect(ready.status).toBe('ready');
  const found = await unzip(await download(ready.url));
  expect([...found.keys()]).toEqual(['01-image.jpg', '02-image.jpg', '03-image.jpg']);
  expect([...found.values()].map((bytes, index) => bytes.equals(files[index] ?? Buffer.alloc(0)))).toEqual([
    true,
    true,
    true,
  ]);
});

test('a result that came later is in the next file, and the old one is gone', async () => {
  const who = await rig.member();
  const batchId = await finished(who, [randomBytes(100), randomBytes(100)]);
  await make(batchId);
  const key = async () =>
    (
      await rig.database.db
        .selectFrom('task_batches')
        .select('zip_key')
        .where('id', '=', batchId)
        .executeTakeFirstOrThrow()
    ).zip_key ?? '';
  const before = await key();
  await rig.database.db
    .updateTable('assets')
    .set({ status: 'deleted' })
    .where('user_id', '=', who.userId)
    .where('kind', '=', 'result')
    .limit(1)
    .execute();
  expect(await batches.zip(who.userId, batchId)).toMatchObject({ status: 'preparing', files: 1 });
  await make(batchId);
  expect(await rig.storage.head(before)).toBeUndefined();
  expect((await unzip(await download((await batches.zip(who.userId, batchId)).url))).size).toBe(1);
});

test('a result that is gone from the bucket fails the making, which is tried again; nothing hangs', async () => {
  const who = await rig.member();
  const batchId = await finished(who, [randomBytes(100_000), randomBytes(100_000)]);
  const [gone] = await rig.database.db
    .selectFrom('assets')
    .select('object_key')
    .where('user_id', '=', who.userId)
    .where('kind', '=', 'result')
    .execute();
  await rig.storage.delete(gone?.object_key ?? '');
  await expect(make(batchId)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  expect(await batches.zip(who.userId, batchId)).toMatchObject({ status: 'preparing' });
});

/** A bucket that gives 9 MB for every key and lets whatever is put run through. */
async function bottomlessBucket() {
  const chunk = randomBytes(90_000);
  let put = 0;
  const server = createServer((request, response) => {
    if (request.method === 'PUT') {
      request.on('data', (part: Buffer) => void (put += part.length));
      request.on('end', () => response.setHeader('etag', '"1"').end());
      return;
    }
    response.setHeader('content-length', chunk.length * 100);
    Readable.from(Array.from({ length: 100 }, () => chunk)).pipe(response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const host = `127.0.0.1:${address.port}`;
  const storage = createCosStorage({ ...cosSettings(rig.sandbox), domain: host, apiEndpoint: host });
  return { storage, bytesPut: () => put, close: () => void server.close() };
}

test('memory does not grow with the files', async () => {
  const who = await rig.member();
  const batchId = await finished(
    who,
    Array.from({ length: 30 }, () => Buffer.from('x')),
  );
  const { db } = rig.database;
  await db
    .updateTable('assets')
    .set({ bytes: 9_000_000 })
    .where('user_id', '=', who.userId)
    .where('kind', '=', 'result')
    .execute();
  const bucket = await bottomlessBucket();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => void (most = Math.max(most, process.memoryUsage().rss)), 5);
  await makeZip({ db, clock: systemClock, storage: bucket.storage }, { batchId });
  clearInterval(watch);
  bucket.close();
  expect(bucket.bytesPut()).toBeGreaterThan(30 * 9_000_000);
  expect((most - before) / 1_048_576).toBeLessThan(80); // of 257 MiB of files
});

test('a file is kept for a week and made again when asked for', async () => {
  const who = await rig.member();
  const batchId = await finished(who, [randomBytes(100)]);
  await make(batchId);
  expect(await batches.zip(who.userId, batchId)).toMatchObject({ status: 'ready' });
  const { db } = rig.database;
  await sweepZips({ db, clock: ahead(8 * 86_400_000), storage: rig.storage });
  expect(await batches.zip(who.userId, batchId)).toMatchObject({ status: 'preparing' });
});
