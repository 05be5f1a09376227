import type { DatabaseRule } from './rule.ts';
import { accountRules } from './rules/account.rules.ts';
import { moneyRules } from './rules/money.rules.ts';
import { schemaRules } from './rules/schema.rules.ts';
import { serverRules } from './rules/server.rules.ts';

/** BG300 to BG349, in the order of their ids. */
export const DATABASE_RULES: readonly DatabaseRule[] = [...schemaRules, ...serverRules, ...moneyRules, ...accountRules];
