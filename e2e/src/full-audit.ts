import { ago, id, insert, MEMBERS } from './full-rows.ts';

/** The chain has begun before: a filled block stands behind all of those. */
const BEHIND = 100_000;
/** Each with the number that its rows are called by. */
const SOURCES = [
  ['quota_logs', 'id'],
  ['audit_logs', 'id'],
  ['money_entries', 'id'],
  ['cost_entries', 'id'],
  ['code_uses', 'row_no'],
  ['campaign_claims', 'row_no'],
  ['compensations', 'row_no'],
] as const;

/** The chain as an old one is: one block a minute, rows sealed up to the newest but for a page or two of each table. */
export function auditChain(): string[] {
  return [
    insert('audit_blocks', MEMBERS, {
      seq: `${BEHIND} + n`,
      format: '1',
      source: `ELT(1 + n % ${SOURCES.length}, ${SOURCES.map(([source]) => `'${source}'`).join(', ')})`,
      row_count: '1',
      total_rows: 'n + 1',
      high_id: `ELT(1 + n % ${SOURCES.length}, ${SOURCES.map(([source, number]) => `(SELECT MAX(${number}) - 700 FROM ${source})`).join(', ')})`,
      ids: "X'0100'",
      entries: "REPEAT('x', 64)",
      chain_hash: "REPEAT('x', 32)",
      sealed_at: ago(`${MEMBERS} - n MINUTE`),
    }),
    insert('audit_anchors', MEMBERS, {
      n: `${BEHIND} + n`,
      block_seq: `${BEHIND} + n`,
      line: "'{}'",
      made_at: ago(`${MEMBERS} - n MINUTE`),
    }),
    insert('audit_verifications', MEMBERS, {
      id: id('n'),
      status: "'proven'",
      report: "'{}'",
      created_at: ago('n DAY'),
      finished_at: ago('n DAY'),
    }),
  ];
}
