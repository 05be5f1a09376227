import type { Bilingual } from '@yunshang/contracts';

/** What the business earns and risks with a configuration: the first step of the customer's review, as figures. */
export type Strategy = {
  version: 1;
  plans: PlanOutlook[];
  features: FeatureOutlook[];
  risks: Risk[];
  /** Features that can not be reckoned with, and why. */
  unknown: { featureId: string; reason: Bilingual }[];
};

/** Money in micro-yuan, shares in parts in a million. */
export type PlanOutlook = {
  planId: string;
  version: number;
  title: string;
  priceFen: number;
  quota: number;
  periodDays: number;
  feeMicroYuan: number;
  /** What is left of the price after the fee of the payment. */
  netMicroYuan: number;
  mixes: MixOutlook[];
};

/** A period in which all that can be spent of the quota is spent so. */
export type MixOutlook = {
  name: Bilingual;
  /** Of the quota that is spent, by feature. */
  sharesPpm: Record<string, number>;
  /** Less than the plan's quota where the limits of a feature do not let a member spend it. */
  units: number;
  costMicroYuan: number;
  profitMicroYuan: number;
  marginPpm: number;
  /** The share of the quota from which the period loses money; above a million it never does. Null when it costs nothing. */
  breakEvenPpm: number | null;
};

export type FeatureOutlook = {
  featureId: string;
  title: string;
  quotaCost: number;
  /** Of a result that somebody pays for, failures and retries included. */
  costMicroYuan: number;
  worstMicroYuan: number;
  /** Results that one member can ask for in a day; null without a limit. */
  perDay: number | null;
  weeklyBudgetFen: number | null;
  lines: string[];
};

export type Risk = {
  kind: 'abuse' | 'overuse' | 'payment_failure';
  level: 'high' | 'medium' | 'low';
  title: Bilingual;
  evidence: string[];
  /** What stands against it: the product, and rules of the guard. */
  answer: Bilingual;
};

const ALL = 1_000_000;

/** Parts in a million as a percentage: 123456 → `12.3%`, rounded down. */
export function percentText(ppm: number): string {
  const tenths = Math.floor(ppm / 1_000);
  const sign = tenths < 0 ? '-' : '';
  return `${sign}${Math.trunc(Math.abs(tenths) / 10)}.${Math.abs(tenths) % 10}%`;
}

/** What part of the whole it is, rounded down; both may be large. */
export function sharePpm(part: number, whole: number): number {
  return Number((BigInt(part) * BigInt(ALL)) / BigInt(whole));
}

/** A plan as people and programs call it; once where both say the same. */
export function nameOf({ title, planId }: PlanOutlook): string {
  return title === planId ? planId : `${title} ${planId}`;
}
