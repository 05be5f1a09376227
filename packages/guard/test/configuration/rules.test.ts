import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../src/configuration/read-configuration.ts';
import { reviewConfiguration } from '../../src/configuration/review-configuration.ts';
import { CONFIGURATION_RULES } from '../../src/configuration/rules.ts';

const now = new Date('2026-06-01T00:00:00Z');
const foundIn = (text: string) => reviewConfiguration(readConfiguration(JSON.parse(text)), { now });

describe('the examples of each page', () => {
  it.each(CONFIGURATION_RULES.map((rule) => [rule.id, rule] as const))(
    '%s: bad is found, good is not',
    (id, { bad, good, severity }) => {
      const found = foundIn(bad).findings.filter(({ ruleId }) => ruleId === id);
      expect(found.length).toBeGreaterThan(0);
      expect(found.every((finding) => finding.severity === severity)).toBe(true);
      expect(foundIn(good).findings.filter(({ ruleId }) => ruleId === id)).toEqual([]);
    },
  );

  it.each(CONFIGURATION_RULES.map((rule) => [rule.id, rule] as const))(
    '%s: nothing else fails in what is good',
    (_id, { good }) => {
      expect(foundIn(good).findings.filter(({ severity }) => severity === 'FAIL')).toEqual([]);
    },
  );
});
