import { expect, it } from 'vitest';
import { invariantRuleId, LATE_RULE } from '../src/database/invariant-docs.ts';
import { RULES as DOCTOR_RULES } from '../src/doctor/run-doctor.ts';
import { RULES } from '../src/rules.ts';
import { MUTATIONS } from './code/mutations.ts';
import { CONFIGURATION_MUTATIONS } from './configuration/mutations.ts';
import { DATABASE_MUTATIONS } from './database/mutations.ts';

type Shown = { ruleId: string; by: string };

/** Mistakes in our own code, configuration, schema and rows, each tried by a test that names this list. */
const shown: readonly Shown[] = [
  ...MUTATIONS.map(({ ruleId, says, file }) => ({ ruleId, by: `${file}: ${says}` })),
  ...CONFIGURATION_MUTATIONS.map(({ ruleId, says, at }) => ({ ruleId, by: `${at}: ${says}` })),
  ...DATABASE_MUTATIONS.map(({ ruleId, says, at }) => ({ ruleId, by: `${at}: ${says}` })),
  // doctor.int.test.ts breaks a row for every rule of the doctor.
  ...DOCTOR_RULES.map(({ invariant, severity, table, name }) => ({
    ruleId: severity === 'warning' ? LATE_RULE : invariantRuleId(invariant),
    by: `${table}: a row that breaks ${name}`,
  })),
  // And command.int.test.ts takes a trigger from under the audit chain.
  { ruleId: invariantRuleId('I12'), by: 'quota_logs: its trigger is gone' },
];

it('shows every rule able to fail by a mistake in what is ours', () => {
  const table = [...RULES.keys()].map((rule) => ({
    rule,
    'shown by': shown.filter(({ ruleId }) => ruleId === rule).map(({ by }) => by),
  }));
  for (const row of table) console.log(`${row.rule}  ${row['shown by'].join('\n       ')}`);
  expect(table.filter((row) => row['shown by'].length === 0).map(({ rule }) => rule)).toEqual([]);
  expect(shown.filter(({ ruleId }) => !RULES.has(ruleId))).toEqual([]);
});
