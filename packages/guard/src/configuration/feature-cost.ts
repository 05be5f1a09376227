import { ASSUMPTIONS } from './assumptions.ts';
import { whole, type Feature, type Provider, type Step } from './configuration.ts';
import { pipelineOf, type Facts } from './facts.ts';
import { unitCostOf } from './unit-cost.ts';
import { unitCountOf } from './unit-count.ts';
import { microYuanText, mulDivDown, mulDivUp, shareText } from './yuan.ts';

const ALL = 1_000_000;

/** What a task of a feature costs at its vendors, failures and retries included. Parts in a million; costs rounded up. */
export type FeatureCost = {
  /** Of a run, whether it succeeds or not. */
  expectedMicroYuan: number;
  /** Runs that give a result. */
  successPpm: number;
  /** Of a result that somebody pays for: a run that failed was given back. */
  perResultMicroYuan: number;
  /** With every attempt of every candidate used up. */
  worstMicroYuan: number;
  /** The arithmetic. */
  lines: string[];
};

type StepCost = Omit<FeatureCost, 'perResultMicroYuan'>;

/** Undefined while the pipeline, a provider or a price is unknown, or no run can succeed. */
export function featureCostOf(facts: Facts, feature: Feature): FeatureCost | undefined {
  const steps = pipelineOf(facts, feature)?.body.steps ?? [];
  let total: StepCost = { expectedMicroYuan: 0, successPpm: ALL, worstMicroYuan: 0, lines: [] };
  for (const [index, step] of steps.entries()) {
    const name = `steps.${index}${step.name === undefined ? '' : ` ${step.name}`}`;
    const cost = stepCostOf(facts, feature, { step, name });
    if (cost === undefined) return undefined;
    total = afterwards(total, cost);
  }
  if (steps.length === 0 || total.successPpm === 0) return undefined;
  const perResultMicroYuan = mulDivUp(total.expectedMicroYuan, ALL, total.successPpm);
  const lines = [
    ...total.lines,
    `cost of a result: ${microYuanText(total.expectedMicroYuan)} a run / ${shareText(total.successPpm)} succeed = ${microYuanText(perResultMicroYuan)}`,
  ];
  return { ...total, perResultMicroYuan, lines };
}

/** A step is run only when those before it succeeded. */
function afterwards(before: StepCost, step: StepCost): StepCost {
  return {
    expectedMicroYuan: before.expectedMicroYuan + mulDivUp(step.expectedMicroYuan, before.successPpm, ALL),
    successPpm: mulDivDown(before.successPpm, step.successPpm, ALL),
    worstMicroYuan: before.worstMicroYuan + step.worstMicroYuan,
    lines: [...before.lines, ...step.lines],
  };
}

/** Candidates in order, each tried as often as the step allows while nothing succeeded. Every attempt costs. */
function stepCostOf(facts: Facts, feature: Feature, named: { step: Step; name: string }): StepCost | undefined {
  const { step, name } = named;
  const tries = Math.max(1, whole(step.retry?.maxAttempts) ?? 1);
  let failedPpm = ALL;
  let cost: StepCost = { expectedMicroYuan: 0, successPpm: 0, worstMicroYuan: 0, lines: [] };
  for (const ref of step.providerCandidates ?? []) {
    const provider = facts.providers?.get(ref);
    const unit = provider && unitCostOf(facts, provider, step);
    if (provider === undefined || unit === undefined) return undefined;
    const success = successOf(provider);
    let callsPpm = 0;
    for (let attempt = 0; attempt < tries; attempt += 1) {
      callsPpm += failedPpm;
      failedPpm = mulDivUp(failedPpm, ALL - success.ppm, ALL);
    }
    const { units, reason } = unitCountOf(facts, feature, { step, provider });
    const callMicroYuan = unit.microYuan * units;
    const expected = mulDivUp(callMicroYuan, callsPpm, ALL);
    const each = reason === undefined ? '' : ` × ${units} (${reason})`;
    const line = `${name}: ${ref} ${microYuanText(unit.microYuan)} (${unit.source})${each} × ${shareText(callsPpm)} calls = ${microYuanText(expected)}; ${success.basis}, at most ${tries} calls`;
    cost = {
      expectedMicroYuan: cost.expectedMicroYuan + expected,
      successPpm: ALL - failedPpm,
      worstMicroYuan: cost.worstMicroYuan + callMicroYuan * tries,
      lines: [...cost.lines, line],
    };
  }
  return cost.lines.length === 0 ? undefined : cost;
}

function successOf({ attempts = 0, successes = 0 }: Provider): { ppm: number; basis: string } {
  if (attempts < ASSUMPTIONS.measuredFrom)
    return { ppm: ASSUMPTIONS.successPpm, basis: `${shareText(ASSUMPTIONS.successPpm)} assumed to succeed` };
  const ppm = mulDivDown(successes, ALL, attempts);
  return { ppm, basis: `${successes} of ${attempts} succeeded` };
}
