import { reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import type * as t from './types.ts';

/** Bills against books. Operators, finance and admins act; auditors read. Members are refused with FORBIDDEN. */
export type ReconciliationCalls = {
  reconciliation: {
    /**
     * Has a day's bills compared with the books, or with `kind: 'provider'` what vendors consumed in it; YYYY-MM-DD in Asia/Shanghai, as often
     * as wanted. A run of the day that is under way is answered instead of a second. Rejects: INPUT_INVALID for a day that is not over or older than three months.
     */
    start(day: string | t.StartReconciliation, options?: t.CallOptions): Promise<t.ReconciliationRun>;
    /** Newest first; `nextCursor` is the next page's `cursor`, null at the end. */
    runs(filter?: t.ReconciliationRunFilter, options?: t.CallOptions): Promise<t.ReconciliationRunPage>;
    /** Rejects: RECONCILIATION_NOT_FOUND. */
    run(runId: string, options?: t.CallOptions): Promise<t.ReconciliationRun>;
    /** What disagreed, newest first. */
    exceptions(
      filter?: t.ReconciliationExceptionFilter,
      options?: t.CallOptions,
    ): Promise<t.ReconciliationExceptionPage>;
    /** With everything that happened to it. Rejects: RECONCILIATION_NOT_FOUND. */
    exception(exceptionId: string, options?: t.CallOptions): Promise<t.ReconciliationExceptionDetail>;
    /**
     * Investigates, resolves, accepts or reopens. Operators only what is theirs (`owner`). Rejects: STATE_CONFLICT for a move that its
     * state does not allow, FORBIDDEN, RECONCILIATION_NOT_FOUND.
     */
    move(input: t.MoveReconciliationException, options?: t.CallOptions): Promise<t.ReconciliationException>;
    /** To an operator, finance or an admin; null to nobody. Rejects: INPUT_INVALID, RECONCILIATION_NOT_FOUND. */
    assign(input: t.AssignReconciliationException, options?: t.CallOptions): Promise<t.ReconciliationException>;
    /** Rejects: RECONCILIATION_NOT_FOUND. */
    note(input: t.NoteReconciliationException, options?: t.CallOptions): Promise<t.ReconciliationExceptionDetail>;
  };
};

export function reconciliationOf({ call }: Connection): ReconciliationCalls {
  return {
    reconciliation: {
      start: (of, options) =>
        call(
          (trpc, o) => trpc.reconciliation.start.mutate(typeof of === 'string' ? { day: of } : of, o),
          writing(options),
        ),
      runs: (filter = {}, options) => call((trpc, o) => trpc.reconciliation.runs.query(filter, o), reading(options)),
      run: (runId, options) => call((trpc, o) => trpc.reconciliation.run.query({ runId }, o), reading(options)),
      exceptions: (filter = {}, options) =>
        call((trpc, o) => trpc.reconciliation.exceptions.query(filter, o), reading(options)),
      exception: (exceptionId, options) =>
        call((trpc, o) => trpc.reconciliation.exception.query({ exceptionId }, o), reading(options)),
      move: (input, options) => call((trpc, o) => trpc.reconciliation.move.mutate(input, o), writing(options)),
      assign: (input, options) => call((trpc, o) => trpc.reconciliation.assign.mutate(input, o), writing(options)),
      note: (input, options) => call((trpc, o) => trpc.reconciliation.note.mutate(input, o), writing(options)),
    },
  };
}
