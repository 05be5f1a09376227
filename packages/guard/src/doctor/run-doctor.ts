import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import type { Finding, Rule } from './rule.ts';
import { balanceRules } from './rules/balance.rules.ts';
import { chargeRules } from './rules/charge.rules.ts';
import { costRules } from './rules/cost.rules.ts';
import { deliveryRules } from './rules/delivery.rules.ts';
import { grantRules } from './rules/grant.rules.ts';
import { originRules } from './rules/origin.rules.ts';
import { orphanRules } from './rules/orphan.rules.ts';
import { paymentRules } from './rules/payment.rules.ts';
import { reconciliationRules } from './rules/reconciliation.rules.ts';
import { refundRules } from './rules/refund.rules.ts';
import { taskRules } from './rules/task.rules.ts';
import { transitionRules } from './rules/transition.rules.ts';

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
];

/** Looks for rows that break an invariant; reads only. An empty list is a clean bill of health. */
export async function runDoctor(db: Db, { now }: { now: Date }): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const rule of RULES) findings.push(...(await apply(db, rule, now)));
  return findings;
}

async function apply(db: Db, rule: Rule, now: Date): Promise<Finding[]> {
  const { rows } = await sql<{ id: string | number; detail: string | number }>`
    SELECT id, detail FROM (${rule.find(now)}) AS broken LIMIT ${sql.lit(ROWS_PER_RULE)}`.execute(db);
  const { name, invariant, severity, table, explanation, mend } = rule;
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
