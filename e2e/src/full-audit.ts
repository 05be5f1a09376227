import { ago, id, insert, MEMBERS } from './full-rows.ts';

/** The chain has begun before: a filled block stands behind all of those. */
const BEHIND = 100_000;
const SOURCES = ['quota_logs', 'audit_logs', 'money_entries', 'cost_entries'];

/** The chain as an old one is: one block a minute, rows sealed up to the newest but for a page or two of each table. */
export function auditChain(): string[] {
  return [
    insert('audit_blocks', MEMBERS, {
      seq: `${BEHIND} + n`,
      format: '1',
      source: `ELT(1 + n % 4, ${SOURCES.map((source) => `'${source}'`).join(', ')})`,
      row_count: '1',
      total_rows: 'n + 1',
      high_id: `ELT(1 + n % 4, ${SOURCES.map((source) => `(SELECT MAX(id) - 700 FROM ${source})`).join(', ')})`,
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
