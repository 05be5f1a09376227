import type { Db } from '@yunshang/db';
import { type RawBuilder, sql } from 'kysely';
import type { BrokenRow, Finding, Invariant, Rule } from './rule.ts';
import { balanceRules } from './rules/balance.rules.ts';
import { chargeRules } from './rules/charge.rules.ts';
import { costRules } from './rules/cost.rules.ts';
import { deliveryRules } from './rules/delivery.rules.ts';
import { grantRules } from './rules/grant.rules.ts';
import { originRules } from './rules/origin.rules.ts';
import { idempotencyRules } from './rules/idempotency.rules.ts';
import { orphanRules } from './rules/orphan.rules.ts';
import { paymentRules } from './rules/payment.rules.ts';
import { reconciliationRules } from './rules/reconciliation.rules.ts';
import { refundRules } from './rules/refund.rules.ts';
import { spendRules } from './rules/spend.rules.ts';
import { taskRules } from './rules/task.rules.ts';
import { transitionRules } from './rules/transition.rules.ts';
import { costScreens } from './screens/cost.screens.ts';
import { ledgerScreens } from './screens/ledger.screens.ts';
import type { Screen } from './screens/screen.ts';
import { taskScreens } from './screens/task.screens.ts';

/** A rule stops naming rows here: who broke one row in a thousand needs the rule, not the list. */
const ROWS_PER_RULE = 100;

/** Every rule, in the order of the invariants. */
export const RULES: readonly Rule[] = [
  ...balanceRules,
  ...grantRules,
  ...originRules,
  ...chargeRules,
  ...taskRules,
  ...transitionRules,
  ...paymentRules,
  ...refundRules,
  ...orphanRules,
  ...deliveryRules,
  ...costRules,
  ...reconciliationRules,
  ...idempotencyRules,
  ...spendRules,
];

/** What is asked in place of the rules it covers; those are asked only where it is not quiet. */
export const SCREENS: readonly Screen[] = [...ledgerScreens, ...taskScreens, ...costScreens];

export type DoctorOptions = {
  now: Date;
  /** Only the rules of these invariants; all when absent. */
  only?: ReadonlySet<Invariant> | undefined;
  /** Ask every rule by itself: slower, with the same findings. */
  oneByOne?: boolean;
  /** Told before each screen and rule: its place, how many there are, and its name. */
  onRule?: (place: number, of: number, name: string) => void;
  /** Told after each how long it took. */
  onDone?: (name: string, seconds: number) => void;
};

/** Screens at once: one waits for pages of the disk while the other works. */
const AT_ONCE = 2;

/** The rules of these invariants. */
export function rulesOf(only: ReadonlySet<Invariant> | undefined): readonly Rule[] {
  return RULES.filter((rule) => only === undefined || only.has(rule.invariant));
}

/** Looks for rows that break an invariant; reads only. An empty list is a clean bill of health. */
export async function runDoctor(db: Db, options: DoctorOptions): Promise<Finding[]> {
  const { now, only, oneByOne = false } = options;
  const chosen = rulesOf(only);
  const screens = oneByOne ? [] : SCREENS.filter(({ covers }) => chosen.some(({ name }) => covers.includes(name)));
  const apart = chosen.filter(({ name }) => screens.every(({ covers }) => !covers.includes(name)));
  const timed = teller(options);
  const suspect = new Set<string>();
  const waiting = [...screens];
  const screen = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, covers, isQuiet } = next;
      if (covers.every((rule) => suspect.has(rule))) continue;
      if (!(await timed(screens.length + apart.length, name, () => isQuiet(db))))
        for (const rule of covers) suspect.add(rule);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, screen));
  const rules = chosen.filter((rule) => apart.includes(rule) || suspect.has(rule.name));
  const findings: Finding[] = [];
  for (const rule of rules)
    findings.push(...(await timed(screens.length + rules.length, rule.name, () => apply(db, rule, now))));
  return findings;
}

function teller({ onRule, onDone }: DoctorOptions) {
  let place = 0;
  return async <T>(of: number, name: string, work: () => Promise<T>): Promise<T> => {
    place += 1;
    onRule?.(place, of, name);
    const fromMs = performance.now();
    const result = await work();
    onDone?.(name, (performance.now() - fromMs) / 1000);
    return result;
  };
}

async function apply(db: Db, rule: Rule, now: Date): Promise<Finding[]> {
  const { name, invariant, severity, table, explanation, mend } = rule;
  const rows = 'walk' in rule ? await firstOf(rule.walk(db)) : await found(db, rule.find(now));
  return rows.map((row) => ({
    invariant,
    rule: name,
    severity,
    table,
    id: String(row.id),
    detail: String(row.detail),
    explanation,
    mend,
  }));
}

async function found(db: Db, statement: RawBuilder<BrokenRow>): Promise<BrokenRow[]> {
  const { rows } = await sql<BrokenRow>`
    SELECT id, detail FROM (${statement}) AS broken LIMIT ${sql.lit(ROWS_PER_RULE)}`.execute(db);
  return rows;
}

async function firstOf(walk: AsyncIterable<BrokenRow>): Promise<BrokenRow[]> {
  const rows: BrokenRow[] = [];
  for await (const row of walk) {
    rows.push(row);
    if (rows.length === ROWS_PER_RULE) break;
  }
  return rows;
}
