import { describe, expect, it, test } from 'vitest';
import { expectedSchema } from '../../src/database/manifest.ts';
import { judgeFacts } from '../../src/database/review-database.ts';
import { DATABASE_RULES } from '../../src/database/rules.ts';
import { readTable } from '../../src/database/schema/read-table.ts';
import type { Schema, Table } from '../../src/database/schema/schema.ts';
import { factsOf } from './facts.ts';

describe('the examples of each page', () => {
  it.each(DATABASE_RULES.map((rule) => [rule.id, rule] as const))(
    '%s: bad is found, good is not',
    (id, { bad, good, severity }) => {
      const found = judgeFacts(factsOf(bad, good)).findings.filter(({ ruleId }) => ruleId === id);
      expect(found.length).toBeGreaterThan(0);
      expect(found.every((finding) => finding.severity === severity)).toBe(true);
      expect(judgeFacts(factsOf(good, good)).findings).toEqual([]);
    },
  );
});

const MARIADB = `CREATE TABLE \`t\` (
  \`id\` bigint(20) NOT NULL AUTO_INCREMENT,
  \`amount\` int(11) NOT NULL,
  \`kind\` varchar(10) NOT NULL,
  \`payload\` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL CHECK (json_valid(\`payload\`)),
  \`open_kind\` varchar(10) GENERATED ALWAYS AS (case when \`amount\` > 0 then \`kind\` end) STORED,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`uq\` (\`kind\`,\`amount\`),
  CONSTRAINT \`fk\` FOREIGN KEY (\`kind\`) REFERENCES \`kinds\` (\`kind\`),
  CONSTRAINT \`ck\` CHECK (\`kind\` in ('a','b') and \`amount\` >= 0)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`;

const MYSQL = `CREATE TABLE \`t\` (
  \`id\` bigint NOT NULL AUTO_INCREMENT,
  \`amount\` int NOT NULL,
  \`kind\` varchar(10) COLLATE utf8mb4_unicode_ci NOT NULL,
  \`payload\` json NOT NULL,
  \`open_kind\` varchar(10) COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS ((case when (\`amount\` > 0) then \`kind\` end)) STORED,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`uq\` (\`kind\`,\`amount\`),
  CONSTRAINT \`fk\` FOREIGN KEY (\`kind\`) REFERENCES \`kinds\` (\`kind\`) ON DELETE RESTRICT,
  CONSTRAINT \`ck\` CHECK (((\`kind\` in (_utf8mb4'a',_utf8mb4'b')) and (\`amount\` >= 0)))
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`;

const mysql = (text: string) => ({ ...factsOf(text, MARIADB), server: 'mysql' as const });

test('the same table as MariaDB and as MySQL print it is the same', () => {
  expect([...(readTable(MYSQL)?.columns.keys() ?? [])]).toHaveLength(5);
  expect(judgeFacts(mysql(MYSQL))).toEqual({ findings: [], unjudged: [] });
});

test('a column that follows its table into another collation is another column', () => {
  const moved = MARIADB.replace('COLLATE=utf8mb4_unicode_ci', 'COLLATE=utf8mb4_bin');
  expect(judgeFacts(factsOf(moved, MARIADB)).findings).toMatchObject([
    { ruleId: 'BG301', where: { object: 'kind' } },
    { ruleId: 'BG301', where: { object: 'open_kind' } },
  ]);
});

test('a check that MySQL does not enforce, or prints in its own words, is not passed over', () => {
  const unenforced = MYSQL.replace('>= 0)))', '>= 0))) /*!80016 NOT ENFORCED */');
  expect(judgeFacts(mysql(unenforced)).findings).toMatchObject([{ ruleId: 'BG302', where: { object: 'ck' } }]);
  const reworded = judgeFacts(mysql(MYSQL.replace("in (_utf8mb4'a',_utf8mb4'b')", "<> 'c'")));
  expect(reworded).toMatchObject({ findings: [], unjudged: [{ where: { table: 't', object: 'ck' } }] });
});

test('each column, key, check, foreign key and trigger of the migrations is missed when it alone is gone', () => {
  const { tables, triggers = new Map() } = expectedSchema();
  const found = [...tables.values()].flatMap((table) => {
    const ofTable = new Map([...triggers].filter(([, trigger]) => trigger.table === table.name));
    const expected = { tables: new Map([[table.name, table]]), triggers: ofTable };
    return [...objectsOf(table, expected)].map(({ object, actual }) => ({
      object,
      missed: judgeFacts({ ...factsOf(''), expected, actual }).findings.map(({ where }) =>
        Reflect.get(where, 'object'),
      ),
    }));
  });
  expect(found.length).toBeGreaterThan(400);
  expect(found.filter(({ object, missed }) => !missed.includes(object))).toEqual([]);
});

/** Every object of a table by its name, with the schema as it is without it. */
function* objectsOf(table: Table, schema: Schema): Generator<{ object: string; actual: Schema }> {
  const { columns, keys, checks, foreignKeys } = table;
  const changed = (object: string, parts: Partial<Table>) => ({
    object,
    actual: { ...schema, tables: new Map([[table.name, { ...table, ...parts }]]) },
  });
  for (const name of columns.keys()) yield changed(name, { columns: without(columns, name) });
  for (const [name, { isUnique }] of keys) if (isUnique) yield changed(name, { keys: without(keys, name) });
  for (const name of checks.keys()) yield changed(name, { checks: without(checks, name) });
  for (const name of foreignKeys.keys()) yield changed(name, { foreignKeys: without(foreignKeys, name) });
  const { triggers = new Map() } = schema;
  for (const object of triggers.keys()) yield { object, actual: { ...schema, triggers: without(triggers, object) } };
}

function without<V>(map: ReadonlyMap<string, V>, name: string): ReadonlyMap<string, V> {
  return new Map([...map].filter(([key]) => key !== name));
}

test.each([
  ['`yunshang`', true],
  ['`yun%`', true],
  ['`yun_hang`', true],
  ['*', true],
  ['`yun\\_hang`', false],
  ['`yun.hang`', false],
  ['`else`', false],
])('a privilege on %s is one on yunshang: %s', (place, isOurs) => {
  const { findings } = judgeFacts(factsOf(`GRANT DROP ON ${place}.* TO \`app\`@\`%\`;`));
  expect(findings.map(({ ruleId }) => ruleId)).toEqual(isOurs ? ['BG330'] : []);
});
