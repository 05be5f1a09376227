export type CompensationLimits = {
  /** Units that one person may give one member by themselves within 30 days. */
  perMember: number;
  /** Units that one person may give by themselves within 24 hours, to whomever. */
  perDay: number;
};

/** Over which times compensations of one person add up. */
export const MEMBER_WINDOW_MS = 30 * 24 * 3_600_000;
export const DAY_WINDOW_MS = 24 * 3_600_000;

/** Whether it takes a second person: small ones add up, so that a large one can not be cut into pieces. */
export function takesSecondPerson(
  limits: CompensationLimits,
  gift: { amount: number; givenToMember: number; givenToday: number },
): boolean {
  return gift.givenToMember + gift.amount > limits.perMember || gift.givenToday + gift.amount > limits.perDay;
}
