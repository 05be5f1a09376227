import type { DatabaseFacts } from '../../src/database/facts.ts';
import { schemaOf } from '../../src/database/manifest.ts';
import type { Schema, Trigger } from '../../src/database/schema/schema.ts';

const TRIGGER = /^CREATE TRIGGER (\S+) (BEFORE|AFTER) (INSERT|UPDATE|DELETE) ON (\S+) FOR EACH ROW (.*)$/;

/** A database as the statements of a rule's example leave it; `expected` are those of another. */
export function factsOf(text: string, expected?: string): DatabaseFacts {
  const statements = statementsOf(text);
  const settings = statements.flatMap((one) => {
    const [, name, value] = /^SET GLOBAL (\w+) = '(.*)'$/.exec(one) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  const grants = statements.filter((one) => one.startsWith('GRANT'));
  return {
    server: 'mariadb',
    schemaName: 'yunshang',
    settings: new Map(settings),
    actual: schemaIn(statements),
    expected: expected === undefined ? undefined : schemaIn(statementsOf(expected)),
    account: { name: 'app@%', grants },
  };
}

function statementsOf(text: string): string[] {
  return text
    .split(/;\s*$/m)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function schemaIn(statements: readonly string[]): Schema {
  return schemaOf({
    tables: statements.filter((one) => one.startsWith('CREATE TABLE')),
    triggers: statements.flatMap((one): Trigger[] => {
      const [, name, timing, event, table, body] = TRIGGER.exec(one) ?? [];
      if (name === undefined || timing === undefined || event === undefined || table === undefined) return [];
      return [{ name, timing, event, table, body: body ?? '' }];
    }),
  });
}
