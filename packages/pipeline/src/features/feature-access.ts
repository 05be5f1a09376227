import type { ErrorCode, FeatureDefinition } from '@yunshang/contracts';

/** Who asks. `planLevel` is that of the membership in force at the moment of asking, null without one. */
export type Member = { userId: string; accountId: string; planLevel: number | null };

export type AccessRule = Pick<FeatureDefinition, 'accessScope' | 'planRequired' | 'allowedAccounts'>;

export type AccessRefusal = Extract<
  ErrorCode,
  'MEMBERSHIP_REQUIRED' | 'PLAN_LEVEL_TOO_LOW' | 'FEATURE_NOT_ALLOWED' | 'FEATURE_NOT_FOUND'
>;

/**
 * Why this member may not use the feature, undefined when it may. `rule` is undefined for a feature that does not exist,
 * is switched off or deleted. Every feature needs a membership in force, also one open to named accounts.
 */
export function accessRefusal(rule: AccessRule | undefined, member: Member): AccessRefusal | undefined {
  if (rule === undefined) return 'FEATURE_NOT_FOUND';
  if (rule.accessScope === 'whitelist' && !isNamed(rule, member)) return 'FEATURE_NOT_ALLOWED';
  if (member.planLevel === null) return 'MEMBERSHIP_REQUIRED';
  if (rule.planRequired !== null && member.planLevel < rule.planRequired) return 'PLAN_LEVEL_TOO_LOW';
  return undefined;
}

/** True when the member may create a task of the feature now. */
export function canUse(rule: AccessRule, member: Member): boolean {
  return accessRefusal(rule, member) === undefined;
}

/**
 * True when the feature is listed for this person. Somebody without a membership sees what the lowest plan opens, so that
 * there is something to buy a plan for; features of a higher plan and of other accounts stay unseen.
 */
export function canSee(rule: AccessRule, member: Member): boolean {
  const refusal = accessRefusal(rule, member);
  return refusal === undefined || (refusal === 'MEMBERSHIP_REQUIRED' && (rule.planRequired ?? 0) <= LOWEST_LEVEL);
}

const LOWEST_LEVEL = 1;

/** A whitelist names user ids or account ids. */
function isNamed(rule: AccessRule, member: Member): boolean {
  return rule.allowedAccounts?.some((account) => account === member.userId || account === member.accountId) ?? false;
}
