import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import { z } from 'zod';
import { SOURCES } from '../chain/source.ts';
import type { FindingsList } from './findings-list.ts';

const TABLES = [...SOURCES.map(({ table }) => table), 'audit_blocks', 'audit_anchors'];

/** The triggers that refuse changes and the keys that let an effect happen once must be there, and be what they were. */
export async function checkGuards(db: Db, findings: FindingsList): Promise<void> {
  const triggers = await listTriggers(db);
  for (const table of TABLES)
    for (const event of ['UPDATE', 'DELETE']) {
      const name = `${table}_no_${event.toLowerCase()}`;
      const there = triggers.find((trigger) => trigger.name === name);
      const stands =
        there?.event === event &&
        there.timing === 'BEFORE' &&
        there.table === table &&
        there.body.replaceAll(/\s+/g, ' ').trim() ===
          `SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${table} is append-only'`;
      if (!stands)
        findings.add('trigger_missing', { where: table, id: name }, there === undefined ? 'not there' : 'replaced');
    }
  const keys = await sql<{ onTable: string; name: string; isUnique: number }>`
    SELECT table_name AS onTable, index_name AS name, MIN(1 - non_unique) AS isUnique
    FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY table_name, index_name`.execute(db);
  for (const { table, uniqueKeys } of SOURCES)
    for (const name of uniqueKeys)
      if (!keys.rows.some((key) => key.onTable === table && key.name === name && key.isUnique === 1))
        findings.add('key_missing', { where: table, id: name }, 'nothing keeps an effect from being written twice');
}

/** Effects that are in a ledger twice, which only a missing key allows. */
export async function checkRepeatedEffects(db: Db, findings: FindingsList): Promise<void> {
  const broken = SOURCES.filter(({ table }) =>
    findings.all.some((each) => each.kind === 'key_missing' && each.where === table),
  );
  for (const { table } of broken) {
    const { rows } = await sql<{ id: number; first: number; effect: string }>`
      SELECT MAX(id) AS id, MIN(id) AS first, effect_key AS effect FROM ${sql.table(table)}
      GROUP BY effect_key HAVING COUNT(*) > 1 ORDER BY 1 LIMIT 20`.execute(db);
    for (const { id, first, effect } of rows)
      findings.add('row_repeated', { where: table, id }, `the effect ${effect} is in row ${first} already`);
  }
}

const triggerSchema = z.object({
  name: z.string(),
  table: z.string(),
  timing: z.string(),
  event: z.string(),
  body: z.string(),
});
const calledSchema = z.tuple([z.array(triggerSchema)]).rest(z.unknown());

/** Servers show triggers to who may make them; to others a procedure of the schema's owner tells of them. */
async function listTriggers(db: Db): Promise<z.infer<typeof triggerSchema>[]> {
  const { rows } = await sql`
    SELECT trigger_name AS name, event_object_table AS \`table\`, action_timing AS timing, event_manipulation AS event,
      action_statement AS body
    FROM information_schema.triggers WHERE trigger_schema = DATABASE()`.execute(db);
  if (rows.length > 0) return z.array(triggerSchema).parse(rows);
  const called = calledSchema.safeParse((await sql`CALL guard_triggers()`.execute(db)).rows);
  return called.success ? called.data[0] : [];
}
