/** An account work is paid from: money in 1/1,000,000 yuan and the vendor's own coins in millionths. */
export type Balance = { microYuan: number; microCoins: number };
export type Reading = Balance & { microYuanPerCoin: number; day: string; at: Date };

/** What the account holds at the beginning and at the end, and what was paid in between. */
export type AccountSpan = { opening: Reading; closing: Reading; toppedUp: Balance };

const MICRO = 1_000_000n;

/** What was taken from the account in between, in micro-yuan, coins at what they cost when it began; below 0 where more came in than was written down. */
export function consumedNearest({ opening, closing, toppedUp }: AccountSpan): number {
  const money = BigInt(opening.microYuan) - BigInt(closing.microYuan) + BigInt(toppedUp.microYuan);
  const coins = BigInt(opening.microCoins) - BigInt(closing.microCoins) + BigInt(toppedUp.microCoins);
  const worth = coins * BigInt(opening.microYuanPerCoin);
  const half = worth < 0n ? -MICRO / 2n : MICRO / 2n;
  const sum = Number(money + (worth + half) / MICRO);
  if (!Number.isSafeInteger(sum)) throw new RangeError('a balance is beyond what can be counted exactly');
  return sum;
}

/** What our books can explain: at least `least`, and `most` where all that is open was consumed within the time. */
export type Explained = { least: number; most: number };

/** Vendors show fewer digits of a balance than they count in: a fen, and a coin. */
const ROUNDED_MICRO_YUAN = 10_000;

/** True when the books explain what was consumed. */
export function isExplained(consumed: number, { least, most }: Explained, microYuanPerCoin: number): boolean {
  const rounded = ROUNDED_MICRO_YUAN + microYuanPerCoin;
  return consumed >= least - rounded && consumed <= most + rounded;
}
