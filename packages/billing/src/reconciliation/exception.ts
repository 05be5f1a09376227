import type { ExceptionDetails, DifferenceKind, ExceptionState } from '@yunshang/contracts';

/** A difference as a comparison finds it. */
export type Finding = {
  kind: DifferenceKind;
  /** The vendor's number of what it is about, or the bill: the same difference has the same subject in every run. */
  subject: string;
  details: ExceptionDetails;
  orderId: string | null;
  /** Mended by the run that found it. */
  isHealed: boolean;
};

/** Every move a difference can make; what is absent can not happen. */
export const EXCEPTION_MOVES = {
  open: ['investigating', 'resolved', 'accepted'],
  investigating: ['resolved', 'accepted'],
  resolved: ['reopened'],
  accepted: ['reopened'],
  reopened: ['investigating', 'resolved', 'accepted'],
} as const satisfies Record<ExceptionState, readonly ExceptionState[]>;

export function canMoveException(from: ExceptionState, to: ExceptionState): boolean {
  return EXCEPTION_MOVES[from].some((next) => next === to);
}

/** Somebody still has to do something about it. */
export function isExceptionOpen(state: ExceptionState): boolean {
  return state !== 'resolved' && state !== 'accepted';
}

/**
 * Where finding it once more leaves it. What was resolved and is there again was not resolved, unless the run has mended it; what was
 * accepted stays so for as long as its figures do.
 */
export function stateWhenFound(
  known: { state: ExceptionState; details: ExceptionDetails },
  found: Pick<Finding, 'details' | 'isHealed'>,
): ExceptionState {
  if (isExceptionOpen(known.state)) return found.isHealed ? 'resolved' : known.state;
  if (found.isHealed) return known.state;
  if (known.state === 'accepted' && isSameDetails(known.details, found.details)) return 'accepted';
  return 'reopened';
}

function isSameDetails(one: ExceptionDetails, other: ExceptionDetails): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

export function finding(
  kind: DifferenceKind,
  subject: string,
  of: { details?: ExceptionDetails; orderId?: string | null; isHealed?: boolean } = {},
): Finding {
  return {
    kind,
    subject: subject.slice(0, 100),
    details: of.details ?? {},
    orderId: of.orderId ?? null,
    isHealed: of.isHealed ?? false,
  };
}
