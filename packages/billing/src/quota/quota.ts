/** How long a compensation grant lives: 7 days. */
export const COMPENSATION_MS = 7 * 24 * 60 * 60 * 1000;

/** One grant's share of a charge. */
export type Allocation = { grantId: string; amount: number };

/** What burning needs to know of a grant. */
export type BurnableGrant = { readonly id: string; readonly remaining: number; readonly expiresAt: Date };

/** True until the grant's very last instant; at `expiresAt` it has ended. */
export function isLive(grant: { readonly expiresAt: Date }, now: Date): boolean {
  return grant.expiresAt.getTime() > now.getTime();
}

function inBurnOrder(one: BurnableGrant, other: BurnableGrant): number {
  return one.expiresAt.getTime() - other.expiresAt.getTime() || (one.id < other.id ? -1 : 1);
}

/**
 * Which grants pay `amount` (a whole number above 0): the one that ends first, then the oldest. Ids sort by age. Undefined
 * when the grants that have not ended hold too little; then nothing is to be taken.
 */
export function burn(grants: readonly BurnableGrant[], amount: number, now: Date): Allocation[] | undefined {
  if (!Number.isSafeInteger(amount) || amount <= 0) throw new RangeError(`can not burn ${amount}`);
  const parts: Allocation[] = [];
  let missing = amount;
  for (const grant of grants.filter((candidate) => isLive(candidate, now)).toSorted(inBurnOrder)) {
    if (missing === 0) break;
    const part = Math.min(grant.remaining, missing);
    if (part > 0) parts.push({ grantId: grant.id, amount: part });
    missing -= part;
  }
  return missing === 0 ? parts : undefined;
}

/**
 * What a charge took from one grant, and whether that grant can take it back. A grant can be written off before another
 * machine's clock sees it end, so both are asked.
 */
export type SpentPart = Allocation & { readonly expiresAt: Date; readonly writtenOff: boolean };

/**
 * Where a refund goes: each part back to its grant while that lives; the sum of the parts whose grant has ended is
 * `compensation`, for one new grant.
 */
export function refundParts(spent: readonly SpentPart[], now: Date): { returns: Allocation[]; compensation: number } {
  const open = spent.filter((part) => !part.writtenOff && isLive(part, now));
  const ended = spent.filter((part) => !open.includes(part));
  const returns = open.map(({ grantId, amount }) => ({ grantId, amount }));
  return { returns, compensation: ended.reduce((sum, part) => sum + part.amount, 0) };
}
