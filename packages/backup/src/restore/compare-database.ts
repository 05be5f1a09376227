import type { RawSession } from '@yunshang/db';
import { rowSum } from '../snapshot/row-sum.ts';
import { listProcedures, listTables, listTriggers, type Named, rowsSql, shapeOf } from '../snapshot/schema.store.ts';
import type { Written } from './write-snapshot.ts';

/**
 * Reads back what was restored and says what is not as the backup has it: tables and triggers by the statements that make them,
 * with their counters and checks, and every value of every row, those that the server computes too.
 */
export async function compareDatabase(session: RawSession, { about, sums }: Written): Promise<string[]> {
  const differences = [
    ...compareNamed('table', about.tables, await listTables(session)),
    ...compareNamed('trigger', about.triggers, await listTriggers(session)),
    ...compareNamed('procedure', about.procedures, await listProcedures(session)),
  ];
  for (const { name } of about.tables) {
    const expected = sums[name];
    const shape = await shapeOf(session, name);
    const sum = rowSum();
    for await (const row of session.stream(rowsSql(shape))) sum.add(row);
    const found = sum.end();
    if (found.rows !== expected?.rows)
      differences.push(`${name} has ${found.rows} rows, not ${expected?.rows ?? 'any'}`);
    else if (found.sha256 !== expected.sha256) differences.push(`the rows of ${name} are not those of the backup`);
  }
  return differences;
}

function compareNamed(what: string, expected: readonly Named[], found: readonly Named[]): string[] {
  const byName = new Map(found.map(({ name, create }) => [name, create]));
  return [
    ...expected.flatMap(({ name, create }) => {
      const there = byName.get(name);
      if (there === undefined) return [`the ${what} ${name} is missing`];
      return plain(there) === plain(create) ? [] : [`the ${what} ${name} was made differently`];
    }),
    ...found
      .filter(({ name }) => !expected.some((each) => each.name === name))
      .map(({ name }) => `the ${what} ${name} is too many`),
  ];
}

/** MySQL prints a column's character set beside its collation, which says as much, only once the statement that made it did. */
function plain(create: string): string {
  return create.replaceAll(/ CHARACTER SET \w+(?= COLLATE )/g, '');
}
