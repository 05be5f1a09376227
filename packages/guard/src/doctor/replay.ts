/** A grant as it was given; neither changes later. */
export type GivenGrant = { readonly id: string; readonly amount: number; readonly expiresAt: Date };

/** What a movement took from a grant or gave to it. */
export type Part = { readonly id: number; readonly grantId: string; readonly amount: number };

/** A row of a member's ledger with its parts. */
export type Movement = {
  readonly seq: number;
  readonly kind: string;
  readonly amount: number;
  readonly grantId: string | null;
  readonly chargeId: string | null;
  readonly at: Date;
  readonly parts: readonly Part[];
};

/** A part that took from a grant while another was to be burnt first. */
export type OutOfOrder = { readonly part: Part; readonly chargeId: string; readonly instead: string };

/**
 * Lives a member's ledger through again and finds spends that did not take from the grant that ends first, then the oldest. Stops
 * where the ledger makes no sense of itself: other rules name that.
 */
export function spendsOutOfOrder(grants: readonly GivenGrant[], movements: readonly Movement[]): OutOfOrder[] {
  const ordered = grants.toSorted(inBurnOrder);
  const left = new Map<string, number>(ordered.map(({ id }) => [id, 0]));
  const found: OutOfOrder[] = [];
  let seq = 0;
  for (const movement of movements) {
    seq += 1;
    if (movement.seq !== seq) return found;
    if (movement.kind === 'charge') found.push(...wrongParts(ordered, left, movement));
    for (const { grantId, amount } of changesOf(movement)) {
      const after = (left.get(grantId) ?? Number.NaN) + amount;
      if (!(after >= 0)) return found;
      left.set(grantId, after);
    }
  }
  return found;
}

function inBurnOrder(one: GivenGrant, other: GivenGrant): number {
  return one.expiresAt.getTime() - other.expiresAt.getTime() || (one.id < other.id ? -1 : 1);
}

function changesOf(movement: Movement): { grantId: string; amount: number }[] {
  const sign = Math.sign(movement.amount);
  if (movement.grantId !== null) return [{ grantId: movement.grantId, amount: movement.amount }];
  return movement.parts.map(({ grantId, amount }) => ({ grantId, amount: sign * amount }));
}

function wrongParts(
  ordered: readonly GivenGrant[],
  left: ReadonlyMap<string, number>,
  { amount, at, chargeId, parts }: Movement,
): OutOfOrder[] {
  const taken = new Map(parts.map((part) => [part.grantId, part]));
  let missing = -amount;
  let passedOver: string | undefined;
  const found: OutOfOrder[] = [];
  for (const { id, expiresAt } of ordered) {
    const part = taken.get(id);
    if (part !== undefined && passedOver !== undefined)
      found.push({ part, chargeId: chargeId ?? '', instead: passedOver });
    const held = expiresAt.getTime() > at.getTime() ? (left.get(id) ?? 0) : 0;
    const due = Math.min(held, missing);
    if ((part?.amount ?? 0) < due) passedOver ??= id;
    missing -= part?.amount ?? 0;
  }
  return found;
}
