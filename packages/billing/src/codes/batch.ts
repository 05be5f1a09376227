import { BATCH_STATUSES, type CodeBatchStatus } from '@yunshang/contracts';

/** Every move a batch of codes can make. Issued again: its codes were lost before anybody used one. */
const BATCH_MOVES = {
  ready: ['issued', 'disabled'],
  issued: ['issued', 'disabled'],
  disabled: [],
} as const satisfies Record<CodeBatchStatus, readonly CodeBatchStatus[]>;

/** The states from which a batch can move to `to`. */
export function statesBefore(to: CodeBatchStatus): CodeBatchStatus[] {
  return BATCH_STATUSES.filter((from) => BATCH_MOVES[from].some((next) => next === to));
}

export type RedeemableCode = {
  status: CodeBatchStatus;
  expiresAt: Date;
  uses: number;
  maxUses: number;
  perUserLimit: number;
};

/** Why a code can not be redeemed by a member who has redeemed so many of its batch; undefined when it can. */
export function refusalOf(
  code: RedeemableCode,
  member: { usesOfBatch: number; hasUsedThis: boolean },
  now: Date,
): 'CODE_NOT_VALID' | 'CODE_EXPIRED' | 'CODE_REDEEMED' | 'CODE_USED_UP' | 'CODE_LIMIT_REACHED' | undefined {
  if (code.status !== 'issued') return 'CODE_NOT_VALID';
  if (member.hasUsedThis) return 'CODE_REDEEMED';
  if (code.expiresAt <= now) return 'CODE_EXPIRED';
  if (code.uses >= code.maxUses) return 'CODE_USED_UP';
  if (member.usesOfBatch >= code.perUserLimit) return 'CODE_LIMIT_REACHED';
  return undefined;
}
