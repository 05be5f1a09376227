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

/** A member's ledger lived through again, movement by movement. */
export type Replay = {
  /** The spends of this movement that were out of order, and whether the ledger still makes sense of itself. Where it does not, stop. */
  step(movement: Movement): { wrong: readonly OutOfOrder[]; makesSense: boolean };
  /** What is left of a grant by the movements so far; undefined for one that is not the member's. */
  leftOf(grantId: string): number | undefined;
};

/** Begins before the first movement of a member who has been given these grants. */
export function beginReplay(grants: readonly GivenGrant[]): Replay {
  const ordered = grants.toSorted(inBurnOrder);
  const left = new Map<string, number>(ordered.map(({ id }) => [id, 0]));
  let seq = 0;
  return {
    leftOf: (grantId) => left.get(grantId),
    step(movement) {
      seq += 1;
      if (movement.seq !== seq) return { wrong: [], makesSense: false };
      const wrong = movement.kind === 'charge' ? wrongParts(ordered, left, movement) : [];
      for (const { grantId, amount } of changesOf(movement)) {
        const after = (left.get(grantId) ?? Number.NaN) + amount;
        if (!(after >= 0)) return { wrong, makesSense: false };
        left.set(grantId, after);
      }
      return { wrong, makesSense: true };
    },
  };
}

/**
 * Lives a member's ledger through again and finds spends that did not take from the grant that ends first, then the oldest. Stops
 * where the ledger makes no sense of itself: other rules name that.
 */
export function spendsOutOfOrder(grants: readonly GivenGrant[], movements: readonly Movement[]): OutOfOrder[] {
  const replay = beginReplay(grants);
  const found: OutOfOrder[] = [];
  for (const movement of movements) {
    const { wrong, makesSense } = replay.step(movement);
    found.push(...wrong);
    if (!makesSense) return found;
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
