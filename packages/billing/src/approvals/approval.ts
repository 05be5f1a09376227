import { APPROVAL_STATUSES, type ApprovalStatus } from '@yunshang/contracts';

/** Every move a wish can make; whoever decides is not whoever asked. */
const APPROVAL_MOVES = {
  pending: ['approved', 'rejected', 'withdrawn', 'expired'],
  approved: [],
  rejected: [],
  withdrawn: [],
  expired: [],
} as const satisfies Record<ApprovalStatus, readonly ApprovalStatus[]>;

/** The states from which a wish can move to `to`. */
export function statesBefore(to: ApprovalStatus): ApprovalStatus[] {
  return APPROVAL_STATUSES.filter((from) => APPROVAL_MOVES[from].some((next) => next === to));
}

/** A wish that nobody decides about ends after this. */
export const APPROVAL_LIFE_MS = 7 * 24 * 3_600_000;
