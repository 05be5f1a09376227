/** A table whose rows are written once and sealed into the chain. */
export type Source = {
  readonly table:
    | 'quota_logs'
    | 'audit_logs'
    | 'money_entries'
    | 'cost_entries'
    | 'code_uses'
    | 'campaign_claims'
    | 'compensations';
  /** The number that rises with each row, and that the chain calls it by. */
  readonly idColumn: 'id' | 'row_no';
  /** When a row was written, by the clock of who wrote it. */
  readonly timeColumn: 'created_at' | 'posted_at';
  /** Columns that servers write differently and mean the same. */
  readonly jsonColumns: readonly string[];
  /** Keys over `effect_key` and the like that let an effect be written once, by name; without them rows are compared. */
  readonly uniqueKeys: readonly string[];
};

/** What quota was given away for; the quota itself is in `quota_logs`. */
const GIFTS = { idColumn: 'row_no', timeColumn: 'created_at', jsonColumns: [], uniqueKeys: [] } as const;

/** Everything that is sealed. Each has triggers that refuse UPDATE and DELETE. */
export const SOURCES = [
  {
    table: 'quota_logs',
    idColumn: 'id',
    timeColumn: 'created_at',
    jsonColumns: [],
    uniqueKeys: ['uq_quota_logs_seq', 'uq_quota_logs_effect'],
  },
  { table: 'audit_logs', idColumn: 'id', timeColumn: 'created_at', jsonColumns: ['details'], uniqueKeys: [] },
  {
    table: 'money_entries',
    idColumn: 'id',
    timeColumn: 'posted_at',
    jsonColumns: [],
    uniqueKeys: ['uq_money_entries_effect'],
  },
  {
    table: 'cost_entries',
    idColumn: 'id',
    timeColumn: 'posted_at',
    jsonColumns: [],
    uniqueKeys: ['uq_cost_entries_effect'],
  },
  { table: 'code_uses', ...GIFTS },
  { table: 'campaign_claims', ...GIFTS },
  { table: 'compensations', ...GIFTS },
] as const satisfies readonly Source[];

/** The source of that name; undefined for any other text. */
export function findSource(table: string): Source | undefined {
  return SOURCES.find((source) => source.table === table);
}
