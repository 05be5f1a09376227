/** Seals as a worker's schedule does, once a second, until it is told to end. usage: sealer-main.ts <database url> */
import { createSealer } from '@yunshang/audit';
import { connect, openRaw, systemClock } from '@yunshang/db';
import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 1_000;

const databaseUrl = process.argv[2] ?? '';
const database = connect(databaseUrl, { connectionLimit: 2 });
const raw = openRaw(databaseUrl);
const sealer = createSealer({ db: database.db, raw, clock: systemClock });
const ending = new AbortController();
process.once('SIGTERM', () => ending.abort());
await sealer.run();
console.log(JSON.stringify({ ready: true }));
while (!ending.signal.aborted) {
  await wait(EVERY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
  await sealer.run();
}
await raw.close();
await database.close();
