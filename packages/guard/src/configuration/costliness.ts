import { ASSUMPTIONS } from './assumptions.ts';
import type { Feature, Step } from './configuration.ts';
import { pipelineOf, type Facts } from './facts.ts';
import { unitCostOf } from './unit-cost.ts';
import { microYuanText } from './yuan.ts';

/**
 * Expensive are films, work of models, and what is dear by its price alone; `why` says how that was seen. The floors of quota are for
 * the first two: of what is dear the margin is known exactly.
 */
export type Costliness = { kind: 'video' | 'ai' | 'dear' | 'other'; why: string };

const VIDEO_WORDS = /(^|[^a-z])(video|film|movie|trailer|clip)s?([^a-z]|$)|视频|短片|影片/i;
const AI_WORDS = /(^|[^a-z])(ai|gen|generate|generation|generative|aigc|llm|diffusion)([^a-z]|$)|生成|智能/i;

/**
 * How much a feature can cost, by what it is made of: films, work that is handed to a vendor's models and waited for, or a call
 * that is dear. Its name counts only where neither its category nor its pipeline is known.
 */
export function costlinessOf(facts: Facts, feature: Feature): Costliness {
  const { category, outputType } = feature;
  if (category === 'video' || outputType === 'video')
    return { kind: 'video', why: category === 'video' ? 'category is video' : 'outputType is video' };
  const pipeline = pipelineOf(facts, feature);
  if (pipeline !== undefined) return ofSteps(facts, pipeline.body.steps);
  if (category !== undefined || outputType !== undefined) return { kind: 'other', why: 'no pipeline is known' };
  return byName(feature);
}

function ofSteps(facts: Facts, steps: readonly Step[]): Costliness {
  for (const [index, step] of steps.entries()) {
    if (step.type === 'async_api')
      return { kind: 'ai', why: `steps.${index} is async_api: models work while it waits` };
    for (const ref of step.providerCandidates ?? []) {
      const provider = facts.providers?.get(ref);
      if (provider?.kind === 'runninghub')
        return { kind: 'ai', why: `steps.${index} runs on ${ref}, of kind runninghub` };
      const cost = provider && unitCostOf(facts, provider, step);
      if (cost !== undefined && cost.microYuan >= ASSUMPTIONS.expensiveMicroYuan)
        return { kind: 'dear', why: `steps.${index}: a call of ${ref} costs ${microYuanText(cost.microYuan)}` };
    }
  }
  return { kind: 'other', why: 'no step is waited for, and no call is dear' };
}

function byName({ featureId, title = '' }: Feature): Costliness {
  const words = `${featureId.replaceAll('_', ' ')} ${title}`;
  const video = VIDEO_WORDS.exec(words);
  if (video !== null) return { kind: 'video', why: `its name says "${video[0].trim()}"` };
  const ai = AI_WORDS.exec(words);
  if (ai !== null) return { kind: 'ai', why: `its name says "${ai[0].trim()}"` };
  return { kind: 'other', why: 'nothing in its name speaks of films or models' };
}
