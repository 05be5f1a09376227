import { hashLine } from './anchor.ts';
import { AnchorTaken, type AnchorPlace, type PlacedAnchor } from './anchor-place.ts';

/** What is asked of a bucket; the app brings it. */
export type LockedObjects = {
  /** Stores an object that nobody can replace or delete before `retainUntil`; one that is there already stays. */
  putLocked(key: string, bytes: Buffer, object: { contentType: string; retainUntil: Date }): Promise<void>;
  get(key: string): Promise<Buffer | undefined>;
  /** Keys that begin with `prefix`, in order, behind `after`; `next` is the `after` of the page behind. */
  list(prefix: string, after?: string): Promise<{ objects: { key: string }[]; next: string | undefined }>;
};

export type BucketSettings = { prefix: string; retentionDays: number };

const DAY_MS = 86_400_000;
/** How far before the expected end the bucket is looked through for the newest. */
const LOOK_BACK = 500;
const DIGITS = 12;

/**
 * One object an anchor, kept under lock. The key is the number and the line's hash: the listing alone says what is there, and it
 * is in the order of the numbers.
 */
export function anchorBucket(objects: LockedObjects, { prefix, retentionDays }: BucketSettings): AnchorPlace {
  const keyOf = (n: number, line: string): string => `${prefix}${numberText(n)}-${hashLine(line)}.json`;
  const listing = (after: number) => listKeys(objects, prefix, after);
  return {
    name: 'bucket',
    findLast: async (hint) => {
      const near = await lastOf(listing(Math.max(0, hint - LOOK_BACK)));
      return near ?? lastOf(listing(0));
    },
    async *list(after) {
      for await (const { n, hash, key } of listing(after)) yield { n, hash, line: () => readLine(objects, key) };
    },
    put: async ({ n, line, at }) => {
      for await (const there of listing(n - 1)) {
        if (there.n > n) break;
        if (there.hash !== hashLine(line)) throw new AnchorTaken('bucket', n);
        return;
      }
      const retainUntil = new Date(at.getTime() + retentionDays * DAY_MS);
      await objects.putLocked(keyOf(n, line), Buffer.from(`${line}\n`, 'utf8'), {
        contentType: 'application/json',
        retainUntil,
      });
    },
  };
}

type ListedKey = Pick<PlacedAnchor, 'n' | 'hash'> & { key: string };

async function* listKeys(objects: LockedObjects, prefix: string, after: number): AsyncGenerator<ListedKey> {
  // `.` sorts behind `-`: behind every key of that number.
  let from: string | undefined = after <= 0 ? undefined : `${prefix}${numberText(after)}.`;
  do {
    const page = await objects.list(prefix, from);
    for (const { key } of page.objects) {
      const match = /^(\d{12})-([0-9a-f]{64})\.json$/.exec(key.slice(prefix.length));
      if (match !== null) yield { n: Number(match[1]), hash: match[2] ?? '', key };
    }
    from = page.next;
  } while (from !== undefined);
}

async function lastOf(keys: AsyncIterable<ListedKey>): Promise<ListedKey | undefined> {
  let last: ListedKey | undefined;
  for await (const key of keys) last = key;
  return last;
}

async function readLine(objects: LockedObjects, key: string): Promise<string> {
  return ((await objects.get(key)) ?? Buffer.alloc(0)).toString('utf8').replace(/\n$/, '');
}

function numberText(n: number): string {
  return String(n).padStart(DIGITS, '0');
}
