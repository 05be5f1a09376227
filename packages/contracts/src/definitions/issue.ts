import type { Bilingual } from '../units.ts';

/** What a check of a definition says beside its English message. */
export type DefinitionIssueParams = { rule: string; zh: string; mend: Bilingual };

/** An issue of a definition for zod's list: where, what is wrong and how to mend it, in both languages. */
export function definitionIssue(
  at: { input: unknown; path: PropertyKey[] },
  text: { rule: string; zh: string; en: string; mend: Bilingual },
): { code: 'custom'; input: unknown; path: PropertyKey[]; message: string; params: DefinitionIssueParams } {
  const { rule, zh, en, mend } = text;
  return { code: 'custom', ...at, message: en, params: { rule, zh, mend } };
}
