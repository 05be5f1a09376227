/** A package of messages that was bought. */
export type SmsPackage = { id: number; amount: number; used: number; effectiveAt: Date; expiresAt: Date };

/** What the vendor charged for. */
export type PackageBook = {
  list(): SmsPackage[];
  /** So many segments, of a message or by whoever plants a difference. */
  charge(at: Date, segments: number): void;
  charged(span: { from: Date; to: Date }): number;
  reset(): void;
};

const AMOUNT = 10_000;
const YEAR_MS = 366 * 86_400_000;

/** One package that is in force, and an older one that has ended with messages left. */
export function createPackageBook(now: () => Date): PackageBook {
  let start = now().getTime();
  let fees: { at: Date; segments: number }[] = [];
  const sum = (of: typeof fees): number => of.reduce((segments, fee) => segments + fee.segments, 0);
  const years = (from: number, to: number) => ({
    effectiveAt: new Date(start + from * YEAR_MS),
    expiresAt: new Date(start + to * YEAR_MS),
  });
  return {
    list: () => [
      { id: 1_001, amount: AMOUNT, used: 1, ...years(-2, -1) },
      { id: 1_002, amount: AMOUNT, used: Math.min(AMOUNT, Math.max(0, sum(fees))), ...years(-1, 1) },
    ],
    charge: (at, segments) => void fees.push({ at, segments }),
    charged: ({ from, to }) => sum(fees.filter(({ at }) => at >= from && at < to)),
    reset() {
      start = now().getTime();
      fees = [];
    },
  };
}
