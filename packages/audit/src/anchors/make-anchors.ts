import { type Clock, type Db, raiseAlert, shanghaiDay } from '@yunshang/db';
import { findHead, findTotals } from '../chain/block.store.ts';
import type { Head } from '../chain/block.ts';
import { hashLine, NO_ANCHOR, signAnchor } from './anchor.ts';
import type { SigningKey } from './anchor-keys.ts';
import { AnchorTaken, type AnchorPlace, type PlacedAnchor } from './anchor-place.ts';
import { findLastAnchor, insertAnchor, listAnchors } from './anchor.store.ts';

/** Anchors carried to a place in one run; the next run goes on. */
const PLACED_PER_RUN = 100;

/** How long an anchor may wait for a place before people are told. */
const UNPLACED_MS = 15 * 60_000;

export type Anchoring = {
  /** How old the newest anchor may get while there is something new. */
  everyMs: number;
  /** How many new rows call for one sooner. */
  everyRows: number;
};

type LastPlaced = Map<AnchorPlace, Pick<PlacedAnchor, 'n' | 'hash'>>;
type Deps = {
  db: Db;
  clock: Clock;
  key: SigningKey;
  places: readonly AnchorPlace[];
  config: Anchoring;
};

export type Anchorer = {
  /** Signs the head if that is due, and carries every anchor to every place. Throws when a place could not be reached. */
  run(): Promise<{ made: boolean; placed: number }>;
};

/**
 * Anchors the head of the chain outside the database. An anchor is written here first: its number is taken once, and a place that
 * is away gets it later. What a place holds under a number is never replaced; if it is another anchor, people are told.
 */
export function createAnchorer(deps: Deps): Anchorer {
  const lastPlaced: LastPlaced = new Map();
  return {
    async run() {
      const made = await makeAnchor(deps);
      let placed = 0;
      const failures: unknown[] = [];
      for (const place of deps.places) {
        try {
          placed += await carry(deps, place, lastPlaced);
        } catch (error) {
          failures.push(error);
          if (error instanceof AnchorTaken) await tellTaken(deps, place, error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'anchors did not reach every place');
      return { made, placed };
    },
  };
}

async function makeAnchor({ db, clock, key, config }: Deps): Promise<boolean> {
  const [head, last] = [await findHead(db), await findLastAnchor(db)];
  if (head.seq === 0 || head.seq === last?.block) return false;
  const rows = await rowsUpTo(db, head);
  const now = clock.now();
  const isOld = last === undefined || now.getTime() - last.at.getTime() >= config.everyMs;
  if (!isOld) {
    const then = await rowsUpTo(db, { seq: last.block });
    if (sum(rows) - sum(then) < config.everyRows) return false;
  }
  const n = (last?.n ?? 0) + 1;
  const prev = last === undefined ? NO_ANCHOR : hashLine(last.line);
  const chain = head.chainHash.toString('hex');
  const line = signAnchor({ n, at: now, block: head.seq, chain, rows, prev }, key);
  return insertAnchor(db, { n, line, block: head.seq, at: now });
}

async function rowsUpTo(db: Db, { seq }: Pick<Head, 'seq'>): Promise<Record<string, number>> {
  const totals = await findTotals(db, { before: seq + 1 });
  return Object.fromEntries([...totals].map(([source, { totalRows }]) => [source, totalRows]));
}

function sum(rows: Readonly<Record<string, number>>): number {
  return Object.values(rows).reduce((total, count) => total + count, 0);
}

/** Before anything is carried, what the place has last must be ours: it was here first. */
async function carry({ db, clock }: Deps, place: AnchorPlace, lastPlaced: LastPlaced): Promise<number> {
  const known = lastPlaced.get(place) ?? (await place.findLast((await findLastAnchor(db))?.n ?? 0));
  if (known !== undefined) {
    const [here] = await listAnchors(db, { after: known.n - 1, limit: 1 });
    if (here === undefined || hashLine(here.line) !== known.hash) throw new AnchorTaken(place.name, known.n);
    lastPlaced.set(place, known);
  }
  let placed = 0;
  for (const anchor of await listAnchors(db, { after: known?.n ?? 0, limit: PLACED_PER_RUN })) {
    try {
      await place.put(anchor);
    } catch (error) {
      await tellIfLate({ db, clock }, place, anchor.at);
      throw error;
    }
    lastPlaced.set(place, { n: anchor.n, hash: hashLine(anchor.line) });
    placed += 1;
  }
  return placed;
}

async function tellTaken({ db, clock }: Deps, place: AnchorPlace, { message }: AnchorTaken): Promise<void> {
  const now = clock.now();
  await raiseAlert(
    db,
    { kind: 'audit_broken', subject: place.name, period: shanghaiDay(now), details: { message } },
    now,
  );
}

async function tellIfLate({ db, clock }: Pick<Deps, 'db' | 'clock'>, place: AnchorPlace, made: Date): Promise<void> {
  const now = clock.now();
  const seconds = Math.floor((now.getTime() - made.getTime()) / 1000);
  if (seconds * 1000 < UNPLACED_MS) return;
  await raiseAlert(db, { kind: 'audit_lag', subject: place.name, period: shanghaiDay(now), details: { seconds } }, now);
}
