import { expect, test } from 'vitest';
import { accessRefusal, canSee, canUse, type AccessRule, type Member } from './feature-access.ts';

const open: AccessRule = { accessScope: 'plan', planRequired: null, allowedAccounts: null };
const pro: AccessRule = { ...open, planRequired: 2 };
const invited: AccessRule = { accessScope: 'whitelist', planRequired: null, allowedAccounts: ['U1', 'YS9'] };
const member = (planLevel: number | null, userId = 'U2', accountId = 'YS2'): Member => ({
  userId,
  accountId,
  planLevel,
});

test.each([
  ['any member uses a feature without a level', open, member(1), undefined],
  ['nobody uses anything without a membership in force', open, member(null), 'MEMBERSHIP_REQUIRED'],
  ['levels are compared as numbers', pro, member(2), undefined],
  ['a higher level includes the lower', pro, member(3), undefined],
  ['a lower level is refused', pro, member(1), 'PLAN_LEVEL_TOO_LOW'],
  ['a whitelist matches the user id', invited, member(1, 'U1'), undefined],
  ['a whitelist matches the account id', invited, member(1, 'U3', 'YS9'), undefined],
  ['a whitelist refuses the rest, whatever their plan', invited, member(9), 'FEATURE_NOT_ALLOWED'],
  ['a named account still needs a membership', invited, member(null, 'U1'), 'MEMBERSHIP_REQUIRED'],
  ['a feature that is not there is not found', undefined, member(9), 'FEATURE_NOT_FOUND'],
] as const)('%s', (_sentence, rule, who, refusal) => {
  expect(accessRefusal(rule, who)).toBe(refusal);
  expect(rule !== undefined && canUse(rule, who)).toBe(refusal === undefined);
});

test('somebody without a membership sees what the lowest plan opens, and no more', () => {
  expect([open, pro, invited].map((rule) => canSee(rule, member(null)))).toEqual([true, false, false]);
  expect([open, pro, invited].map((rule) => canSee(rule, member(1)))).toEqual([true, false, false]);
  expect(canSee(invited, member(null, 'U1'))).toBe(true);
});
