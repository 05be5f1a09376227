import { BILLED_PER_PICTURE, MOST_PICTURES, sourcesOf } from '@yunshang/contracts';
import { whole, type Feature, type Provider, type Step } from './configuration.ts';
import { formOf, pipelineOf, type Facts } from './facts.ts';

/** As how many units a call is billed, and why when it is not one. */
export type UnitCount = { units: number; reason?: string };

/**
 * One for each picture where the vendor bills by the picture: as many as the form lets in, since members pay the same for one as for
 * all of them. What can not be traced to a field counts as one.
 */
export function unitCountOf(facts: Facts, feature: Feature, call: { step: Step; provider: Provider }): UnitCount {
  const { step, provider } = call;
  if (provider.kind !== 'tencent_ci' || !BILLED_PER_PICTURE.includes(step.endpoint ?? '')) return { units: 1 };
  const key = fieldOf(facts, feature, step);
  const field = formOf(facts, feature)?.body.fields.find((each) => each.key === key && each.type === 'images');
  if (field === undefined) return { units: 1 };
  const most = whole(field.validation?.maxCount);
  return most === undefined || most < 1
    ? { units: MOST_PICTURES, reason: `pictures: ${field.key} has no maxCount` }
    : { units: most, reason: `pictures: maxCount of ${field.key}` };
}

/** The field that the step's pictures are, directly or as what steps before have made of them. */
function fieldOf(facts: Facts, feature: Feature, step: Step): string | undefined {
  const images = step.inputMapping?.['images'];
  const [source = ''] = typeof images === 'string' ? sourcesOf(images) : [];
  const [, key] = /^input_data\.(\w+)$/.exec(source) ?? [];
  if (key !== undefined) return key;
  const [, index] = /^steps\[(\d+)\]\.output\./.exec(source) ?? [];
  const steps = pipelineOf(facts, feature)?.body.steps ?? [];
  const before = index === undefined ? undefined : steps[Number(index)];
  // Only an earlier step: one that names itself or a later one is BG150's business.
  return before === undefined || steps.indexOf(before) >= steps.indexOf(step)
    ? undefined
    : fieldOf(facts, feature, before);
}
