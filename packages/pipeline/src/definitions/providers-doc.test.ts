import { readFileSync } from 'node:fs';
import { providerBodySchema, type ProviderBody } from '@yunshang/contracts';
import { expect, test } from 'vitest';
import { providerIssues } from './provider-rules.ts';

const page = readFileSync(new URL('../../../../docs/operations/providers.md', import.meta.url), 'utf8');
const hub: ProviderBody = {
  providerRef: 'runninghub-a',
  kind: 'runninghub',
  baseUrl: null,
  weight: 1,
  timeoutSeconds: 30,
  maxConcurrency: 3,
  ratePerMinute: null,
  unitCostMicroYuan: 500_000,
  isEnabled: false,
  settings: null,
};
const examples = [...page.matchAll(/^```json (provider|provider-changes) (\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, part, kind, text]) => ({ part, kind, value: JSON.parse(text ?? '') }),
);

test.each(examples)('docs/operations/providers.md: the $kind example keeps the rules', ({ part, value }) => {
  const body = providerBodySchema.parse(part === 'provider' ? value : { ...hub, ...value });
  expect(providerIssues(body)).toEqual([]);
});

test('there are examples to check', () => expect(examples.map(({ kind }) => kind)).toEqual(['runninghub', 'http']));
