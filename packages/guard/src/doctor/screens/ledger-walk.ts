import type { Db } from '@yunshang/db';
import { beginReplay } from '../replay.ts';
import {
  areStillCounted,
  type Entry,
  listEntries,
  listMembers,
  type MemberRow,
  findBounds,
} from './ledger-walk.store.ts';

/** Members of one walk through the ledger, about 1 KB each in memory. */
const MEMBERS_AT_ONCE = 100_000;
/** Ids of the ledger that one statement goes through. */
const ENTRIES = 20_000;

/** A member as one statement saw it, and as far as the ledger has been walked for it. */
type Walked = MemberRow & { replay: ReturnType<typeof beginReplay>; balance: number; walked: number };

/**
 * Walks the ledger in the order of its rows and lives every member's quota through again: balances follow each other, what a movement takes
 * of grants is its amount, what ends first is spent first, and in the end it is what member and grants say. A member is judged by the
 * rows that were there when it was read; who has moved since is only counted.
 */
export async function isLedgerQuiet(db: Db): Promise<boolean> {
  let after = '';
  for (;;) {
    const rows = await listMembers(db, after, MEMBERS_AT_ONCE);
    const last = rows.length < MEMBERS_AT_ONCE ? undefined : rows.at(-1)?.id;
    if (!(await walk(db, rows, { after, upTo: last }))) return false;
    if (last === undefined) return true;
    after = last;
  }
}

async function walk(
  db: Db,
  rows: readonly MemberRow[],
  range: { after: string; upTo: string | undefined },
): Promise<boolean> {
  const members = new Map(rows.map((row) => [row.id, begin(row)]));
  const moved = new Set<string>();
  const { oldest, newest } = (await findBounds(db)) ?? { oldest: 1, newest: 0 };
  for (let from = oldest - 1; from < newest; from += ENTRIES) {
    for (const entry of await listEntries(db, { ...range, from, to: from + ENTRIES })) {
      const member = members.get(entry.userId);
      if (member === undefined || entry.seq > member.ledgerSeq) moved.add(entry.userId);
      else if (!follows(member, entry)) return false;
    }
  }
  return [...members.values()].every(isAsWalked) && (await areStillCounted(db, [...moved]));
}

function begin(row: MemberRow): Walked {
  return { ...row, replay: beginReplay(row.grants), balance: 0, walked: 0 };
}

/** Takes the entry; false when it is not the member's next or is wrong in itself. */
function follows(member: Walked, entry: Entry): boolean {
  const { amount, before, after, parts, chargeId } = entry;
  if (entry.isOdd || before !== member.balance || after !== before + amount) return false;
  const ofParts = parts.reduce((sum, part) => sum + part.amount, 0);
  if (ofParts !== (chargeId === null ? 0 : Math.abs(amount))) return false;
  const { wrong, makesSense } = member.replay.step(entry);
  member.balance = after;
  member.walked += 1;
  return makesSense && wrong.length === 0;
}

function isAsWalked({ replay, balance, walked, quotaRemaining, ledgerSeq, grants }: Walked): boolean {
  const left = grants.reduce((sum, { remaining }) => sum + remaining, 0);
  return (
    walked === ledgerSeq &&
    balance === quotaRemaining &&
    left === quotaRemaining &&
    grants.every(({ id, remaining }) => replay.leftOf(id) === remaining)
  );
}
