import type { ApprovalStatus } from '@yunshang/contracts';

/** Every move a wish can make; whoever decides is not whoever asked. */
export const APPROVAL_MOVES = {
  pending: ['approved', 'rejected', 'withdrawn', 'expired'],
  approved: [],
  rejected: [],
  withdrawn: [],
  expired: [],
} as const satisfies Record<ApprovalStatus, readonly ApprovalStatus[]>;

/** A wish that nobody decides about ends after this. */
export const APPROVAL_LIFE_MS = 7 * 24 * 3_600_000;
