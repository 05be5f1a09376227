import { ago, id, insert, MEMBERS } from './full-rows.ts';

/** Older than the last week, which is still to be compared. */
const day = `DATE(${ago('n + 30 DAY')})`;

/** Years of days that were compared, each with a difference that somebody has dealt with. */
export function reconciliation(): string[] {
  const at = ago('n + 30 DAY');
  return [
    insert('reconciliation_runs', MEMBERS, {
      id: id('n'),
      day,
      kind: "'wechat'",
      state: "'done'",
      cause: "'schedule'",
      bills: "'[]'",
      counts: "'{}'",
      sums: "'{}'",
      found: '1',
      created_at: at,
      started_at: at,
      finished_at: at,
    }),
    insert('reconciliation_exceptions', MEMBERS, {
      id: id('n'),
      kind: "'fee_differs'",
      subject: "CONCAT('filled', n)",
      day,
      run_kind: "'wechat'",
      severity: "'warning'",
      owner: "'finance'",
      state: "'resolved'",
      is_healed: '0',
      details: "'{}'",
      first_run_id: id('n'),
      last_run_id: id('n'),
      created_at: at,
      updated_at: at,
    }),
    insert('reconciliation_findings', MEMBERS, { run_id: id('n'), exception_id: id('n'), is_healed: '0' }),
    insert('reconciliation_events', MEMBERS, {
      exception_id: id('n'),
      cause: "'found'",
      to_state: "'open'",
      run_id: id('n'),
      created_at: at,
    }),
  ];
}
