import type { Clock, Db } from '@yunshang/db';
import { type Anchor, hashLine, NO_ANCHOR, readAnchor } from '../anchors/anchor.ts';
import type { VerifyingKeys } from '../anchors/anchor-keys.ts';
import type { AnchorPlace } from '../anchors/anchor-place.ts';
import { listAnchors } from '../anchors/anchor.store.ts';
import type { FindingsList } from './findings-list.ts';

const PAGE = 500;
/** An anchor may take this long to every place. */
const DELIVERY_MS = 15 * 60_000;

type Deps = { db: Db; clock: Clock; keys: VerifyingKeys; places: readonly AnchorPlace[] };

/** What is known of one number: each different line once, and who has it. */
type Known = { line: string; anchor: Anchor | undefined; places: Set<string> };

export type Anchors = {
  /** What we signed, in the order of the blocks. */
  readonly list: readonly Anchor[];
  /** How many each place has. */
  readonly counts: Record<string, number>;
  /** Those behind the database's newest, of a copy that was taken before they were made. */
  readonly later: readonly Anchor[];
};

export type AnchorRange = {
  /** The number to begin behind. */
  after: number;
  /** The database is a copy of an earlier time: places may have gone on without it. */
  isCopy: boolean;
  findings: FindingsList;
};

/**
 * Reads the anchors of the database and every place behind number `after` and judges them as a chain of their own: signed by us,
 * numbered without a gap, each naming the one before, the same everywhere. Those that we signed are believed, wherever they lie.
 */
export async function readAnchors(deps: Deps, range: AnchorRange): Promise<Anchors> {
  const { after, findings } = range;
  const numbers = new Map<number, Known[]>();
  const counts: Record<string, number> = {};
  const count = (place: string): void => void (counts[place] = (counts[place] ?? 0) + 1);
  const readDatabase = async (from: number): Promise<number> => {
    let last = from;
    for (let page = await listAnchors(deps.db, { after: from, limit: PAGE }); page.length > 0;) {
      for (const { n, line } of page) {
        note(numbers, n, { line, place: 'database', keys: deps.keys, findings });
        count('database');
        last = n;
      }
      page = await listAnchors(deps.db, { after: last, limit: PAGE });
    }
    return last;
  };
  const seen = await readDatabase(after);
  for (const place of deps.places)
    for await (const placed of place.list(after)) {
      count(place.name);
      // A line that is known is not read again.
      const same = numbers.get(placed.n)?.find(({ line }) => hashLine(line) === placed.hash);
      if (same !== undefined) same.places.add(place.name);
      else note(numbers, placed.n, { line: await placed.line(), place: place.name, keys: deps.keys, findings });
    }
  // Made while the places were read.
  const last = await readDatabase(seen);
  const later = range.isCopy ? takeBehind(numbers, last) : [];
  return { list: judge(deps, { numbers, after, findings }), counts, later };
}

function takeBehind(numbers: Map<number, Known[]>, last: number): Anchor[] {
  const behind = [...numbers].filter(([n]) => n > last);
  for (const [n] of behind) numbers.delete(n);
  return behind.flatMap(([, known]) => known.flatMap(({ anchor }) => (anchor === undefined ? [] : [anchor])));
}

function note(
  numbers: Map<number, Known[]>,
  n: number,
  from: { line: string; place: string; keys: VerifyingKeys; findings: FindingsList },
): void {
  const { line, place, keys, findings } = from;
  const known = numbers.get(n) ?? [];
  numbers.set(n, known);
  const same = known.find((each) => each.line === line);
  if (same !== undefined) {
    same.places.add(place);
    return;
  }
  const read = readAnchor(line, keys);
  const anchor = 'anchor' in read && read.anchor.n === n ? read.anchor : undefined;
  if (anchor === undefined)
    findings.add('anchor_forged', at(place, n), 'wrong' in read ? read.wrong : 'it stands under another number');
  known.push({ line, anchor, places: new Set([place]) });
}

function judge(
  { clock, places }: Deps,
  { numbers, after, findings }: { numbers: ReadonlyMap<number, Known[]>; after: number; findings: FindingsList },
): Anchor[] {
  const list: Anchor[] = [];
  let before: string | undefined = after === 0 ? NO_ANCHOR : undefined;
  const last = Math.max(after, ...numbers.keys());
  for (let n = after + 1; n <= last; n += 1) {
    const ours = (numbers.get(n) ?? []).filter((known) => known.anchor !== undefined);
    if (ours.length > 1)
      findings.add(
        'anchor_differs',
        at('anchors', n),
        `signed ${ours.length} times, in ${ours.map(placesOf).join('; ')}`,
      );
    const [known] = ours;
    if (known?.anchor === undefined) {
      findings.add('anchor_missing', at('anchors', n), 'in no place');
      before = undefined;
      continue;
    }
    if (before !== undefined && known.anchor.prev !== before)
      findings.add('anchor_differs', at('anchors', n), 'it does not follow the anchor before');
    before = hashLine(known.line);
    judgePlaces(ours, { n, madeAt: known.anchor.at, now: clock.now(), places, findings });
    list.push(...ours.flatMap(({ anchor }) => (anchor === undefined ? [] : [anchor])));
  }
  return list.toSorted((one, other) => one.block - other.block);
}

function judgePlaces(
  ours: readonly Known[],
  on: { n: number; madeAt: Date; now: Date; places: readonly AnchorPlace[]; findings: FindingsList },
): void {
  const mayBeUnderWay = on.now.getTime() - on.madeAt.getTime() < DELIVERY_MS;
  for (const name of ['database', ...on.places.map((place) => place.name)]) {
    if (ours.some((known) => known.places.has(name))) continue;
    // An anchor is in the database before it is anywhere else.
    if (name === 'database')
      on.findings.add('anchor_missing', at('database', on.n), `it is in ${ours.map(placesOf).join('; ')}`);
    else if (!mayBeUnderWay) on.findings.add('anchor_missing', at(name, on.n), 'it is in the database');
  }
}

function placesOf({ places }: Known): string {
  return [...places].join(' and ');
}

function at(place: string, n: number): { where: string; id: number } {
  return { where: place === 'anchors' ? 'anchors' : `anchors in ${place}`, id: n };
}
