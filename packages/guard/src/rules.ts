import { codeRuleDocs } from './code/rule-docs.ts';
import { configurationRuleDocs } from './configuration/rule-docs.ts';
import { databaseRuleDocs } from './database/rule-docs.ts';
import { registryOf } from './report/registry.ts';

/** Every rule there is. */
export const RULES = registryOf(configurationRuleDocs, codeRuleDocs, databaseRuleDocs);
