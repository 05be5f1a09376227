/** A table whose rows are written once and sealed into the chain. */
export type Source = {
  readonly table: 'quota_logs' | 'audit_logs' | 'money_entries' | 'cost_entries';
  /** When a row was written, by the clock of who wrote it. */
  readonly timeColumn: 'created_at' | 'posted_at';
  /** Columns that servers write differently and mean the same. */
  readonly jsonColumns: readonly string[];
  /** Keys that let an effect be written once, by name. */
  readonly uniqueKeys: readonly string[];
};

/** Everything that is sealed. Each has a rising `id`, and triggers that refuse UPDATE and DELETE. */
export const SOURCES = [
  {
    table: 'quota_logs',
    timeColumn: 'created_at',
    jsonColumns: [],
    uniqueKeys: ['uq_quota_logs_seq', 'uq_quota_logs_effect'],
  },
  { table: 'audit_logs', timeColumn: 'created_at', jsonColumns: ['details'], uniqueKeys: [] },
  { table: 'money_entries', timeColumn: 'posted_at', jsonColumns: [], uniqueKeys: ['uq_money_entries_effect'] },
  { table: 'cost_entries', timeColumn: 'posted_at', jsonColumns: [], uniqueKeys: ['uq_cost_entries_effect'] },
] as const satisfies readonly Source[];

/** The source of that name; undefined for any other text. */
export function findSource(table: string): Source | undefined {
  return SOURCES.find((source) => source.table === table);
}
