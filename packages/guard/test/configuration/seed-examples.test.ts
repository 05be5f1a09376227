import { expect, it } from 'vitest';
import { firstDay } from '../../src/configuration/first-day.ts';
import { readConfiguration } from '../../src/configuration/read-configuration.ts';
import { reviewConfiguration } from '../../src/configuration/review-configuration.ts';

const now = new Date('2026-06-01T00:00:00Z');
const verdictOn = (json: unknown) => {
  const { verdict, findings } = reviewConfiguration(readConfiguration(json), { now });
  return [verdict, ...findings.map(({ ruleId }) => ruleId)];
};

// The two configuration examples of the customer's review list, as they stand there.
it('refuses a film for one unit and without limits', () => {
  const example = { feature_id: 'ai_video_generation', quota_cost: 1, rate_limit_policy: null };
  expect(verdictOn(example)).toEqual(['FAIL', 'BG113', 'BG120']);
});

it('passes a film for five units with strict limits', () => {
  const limits = { max_per_hour: 3, max_per_day: 10, cooldown_seconds: 600 };
  expect(verdictOn({ feature_id: 'ai_video_generation', quota_cost: 5, rate_limit_policy: limits })).toEqual(['PASS']);
});

// The customer's PASS-WITH-WARNING list.
it.each([
  [
    'loose limits',
    { quota_cost: 5, rate_limit_policy: { max_per_hour: 100, max_per_day: 100, cooldown_seconds: 600 } },
    ['BG121', 'BG121'],
  ],
  [
    'a low quota_cost',
    { quota_cost: 3, rate_limit_policy: { max_per_hour: 3, max_per_day: 10, cooldown_seconds: 600 } },
    ['BG114'],
  ],
  [
    'a short cooldown',
    { quota_cost: 5, rate_limit_policy: { max_per_hour: 3, max_per_day: 10, cooldown_seconds: 1 } },
    ['BG122'],
  ],
])('passes %s with a warning', (_what, changes, rules) => {
  expect(verdictOn({ feature_id: 'ai_video_generation', ...changes })).toEqual(['PASS-WITH-WARNING', ...rules]);
});

it('refuses a free feature, and passes it in red once two people agreed', () => {
  const free = { feature_id: 'basic_clean', category: 'image', quota_cost: 0 };
  expect(verdictOn(free)).toEqual(['FAIL', 'BG111']);
  const approval = {
    kind: 'free_feature',
    subjectId: 'basic_clean',
    status: 'approved',
    requestedBy: 'li',
    decidedBy: 'wang',
  };
  expect(verdictOn({ features: [free], approvals: [approval] })).toEqual(['PASS-WITH-WARNING', 'BG112']);
  for (const change of [
    { decidedBy: 'li' },
    { decidedBy: null },
    { status: 'pending' },
    { subjectId: 'other' },
    { kind: 'below_cost' },
  ])
    expect(verdictOn({ features: [free], approvals: [{ ...approval, ...change }] })).toEqual(['FAIL', 'BG111']);
});

it('passes what a new installation begins with; only the cloud functions have nobody beside them', () => {
  const { verdict, findings } = reviewConfiguration(firstDay(), { now });
  expect(verdict).toBe('PASS-WITH-WARNING');
  expect(findings.map(({ ruleId, where }) => [ruleId, where])).toEqual([
    ['BG145', { path: 'pipelines.promo_poster/1.steps.1.providerCandidates' }],
    ['BG145', { path: 'pipelines.weekly_drop_trailer/1.steps.1.providerCandidates' }],
  ]);
});
