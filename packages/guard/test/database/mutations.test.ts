import { expect, it } from 'vitest';
import type { DatabaseFacts } from '../../src/database/facts.ts';
import { MANIFEST } from '../../src/database/manifest.gen.ts';
import { expectedSchema, schemaOf } from '../../src/database/manifest.ts';
import { judgeFacts } from '../../src/database/review-database.ts';
import type { Where } from '../../src/report/report.ts';
import { DATABASE_MUTATIONS, type DatabaseMutation } from './mutations.ts';

const HEALTHY = new Map([
  ['transaction_isolation', 'READ-COMMITTED'],
  ['innodb_flush_log_at_trx_commit', '1'],
  ['innodb_doublewrite', 'ON'],
  ['log_bin', 'OFF'],
  ['sql_mode', 'STRICT_TRANS_TABLES'],
  ['time_zone', '+00:00'],
]);
const GRANT = 'GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON `yunshang`.* TO `app`@`%`';
const expected = expectedSchema();

function mutated({ table, withoutTrigger, setting, grant = GRANT }: Partial<DatabaseMutation>): DatabaseFacts {
  const tables = MANIFEST.tables.flatMap((text) => {
    if (table === undefined || !text.startsWith(`CREATE TABLE \`${table.name}\` `)) return [text];
    if (table.find === undefined) return [];
    const parts = text.split(table.find);
    if (parts.length !== 2) throw new Error(`${table.name} has ${parts.length - 1} of ${table.find}`);
    return [parts.join(table.replace)];
  });
  const triggers = MANIFEST.triggers?.filter(({ name }) => name !== withoutTrigger);
  return {
    server: 'mariadb',
    schemaName: 'yunshang',
    settings: setting === undefined ? HEALTHY : new Map([...HEALTHY, setting]),
    actual: schemaOf({ tables, triggers }),
    expected,
    account: { name: 'app@%', grants: [grant] },
  };
}

/** `users.quota_remaining`, `server.sql_mode` */
function nameOf(where: Where): string {
  const parts = [Reflect.get(where, 'path'), Reflect.get(where, 'table'), Reflect.get(where, 'object')];
  return parts.filter((part) => part !== undefined).join('.');
}

it('finds nothing in what nobody has changed', () => {
  expect(judgeFacts(mutated({}))).toEqual({ findings: [], unjudged: [] });
});

it.each(DATABASE_MUTATIONS.map((mutation) => [`${mutation.ruleId}: ${mutation.says}`, mutation] as const))(
  '%s',
  (_name, mutation) => {
    const found = judgeFacts(mutated(mutation)).findings.map(({ ruleId, where }) => `${ruleId} ${nameOf(where)}`);
    expect(found).toContain(`${mutation.ruleId} ${mutation.at}`);
  },
);
