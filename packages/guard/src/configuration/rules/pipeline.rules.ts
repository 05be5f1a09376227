import { whole, type PipelineBody, type Step } from '../configuration.ts';
import type { Facts, Version } from '../facts.ts';
import { pathOf, shown, type ConfigurationRule, type Hit } from '../rule.ts';

/** A pipeline of one step around what an example is about. */
const pipeline = (step: string, rest = '"onFailure": "refund_quota", "maxExecutionSeconds": 600'): string =>
  `{ "steps": [{ "name": "clean", "type": "sync_api", "providerCandidates": ["a", "b"], ${step} }], ${rest} }`;
const POLLED = '"timeoutSeconds": 500, "polling": { "intervalSeconds": 10, "maxAttempts": ';

/** How work is done, how long it may take, and what a failure does. */
export const pipelineRules: readonly ConfigurationRule[] = [
  {
    id: 'BG140',
    severity: 'FAIL',
    title: { zh: '每一步都必须有超时', en: 'Every step has a time-out' },
    why: {
      zh: '没有超时的步骤会让任务永远处理中：配额既没有用掉，也没有返还。',
      en: 'A step without an end leaves its task processing for ever: the quota is neither used nor given back.',
    },
    incidents: ['a predecessor: quota lost, task stuck for ever', 'eliza PR#11920: a time-out is not a failure'],
    mend: { zh: '填写 timeoutSeconds（整数秒）。', en: 'Give timeoutSeconds in whole seconds.' },
    bad: pipeline('"retry": { "maxAttempts": 1 }'),
    good: pipeline('"retry": { "maxAttempts": 1 }, "timeoutSeconds": 60'),
    find: (facts) =>
      eachStep(facts, ({ timeoutSeconds }, path) =>
        (whole(timeoutSeconds) ?? 0) > 0
          ? []
          : [
              {
                path: `${path}.timeoutSeconds`,
                message: { zh: `超时为 ${shown(timeoutSeconds)}`, en: `the time-out is ${shown(timeoutSeconds)}` },
              },
            ],
      ),
  },
  {
    id: 'BG141',
    severity: 'FAIL',
    title: { zh: '轮询不能比任务活得更久', en: 'Polling does not outlive the task' },
    why: {
      zh: '任务到期后已返还配额，而供应商的结果随后才到：我们付了钱，会员没付。',
      en: 'When the task has ended and was given back, the vendor’s result comes after: we paid, the member did not.',
    },
    incidents: ['eliza PR#11920: time-out, then late success', 'open-ai-canvas#477'],
    mend: {
      zh: '减少 polling.maxAttempts，或延长 maxExecutionSeconds。',
      en: 'Fewer polling.maxAttempts, or a longer maxExecutionSeconds.',
    },
    bad: pipeline(`${POLLED}120 }`),
    good: pipeline(`${POLLED}50 }`),
    find: (facts) => eachStep(facts, pollingHits),
  },
  {
    id: 'BG142',
    severity: 'FAIL',
    title: { zh: '各步骤的超时合计不能超过任务的最长时间', en: 'The time-outs of all steps fit into the task’s' },
    why: {
      zh: '最后一步永远没有足够的时间，前面的步骤却已经付了钱。',
      en: 'The last step never has its time, after the steps before it were paid for.',
    },
    incidents: [
      'a predecessor: an async step counts as success at submission',
      'the design’s list: polling that outlives max_execution_time',
    ],
    mend: { zh: '延长 maxExecutionSeconds，或缩短步骤的超时。', en: 'A longer maxExecutionSeconds, or shorter steps.' },
    bad: pipeline('"timeoutSeconds": 700'),
    good: pipeline('"timeoutSeconds": 60'),
    find: ({ pipelines }) => pipelines.flatMap(overallHits),
  },
  {
    id: 'BG143',
    severity: 'FAIL',
    title: { zh: '失败必须返还配额', en: 'A failure gives the quota back' },
    why: {
      zh: '系统或供应商的失败不是会员的错；不返还就是收了钱没有交付。',
      en: 'A failure of ours or a vendor’s is not the member’s. Keeping the quota is taking money for nothing.',
    },
    incidents: [
      'customer review list: 发现不返还配额 → 拒绝合并',
      'palmier#521, civitai/cli#278: “you were not charged”',
    ],
    mend: { zh: '把 onFailure 设为 refund_quota。', en: 'Set onFailure to refund_quota.' },
    bad: pipeline('"timeoutSeconds": 60', '"onFailure": "no_refund", "maxExecutionSeconds": 600'),
    good: pipeline('"timeoutSeconds": 60'),
    find: ({ pipelines }) =>
      pipelines
        .filter(({ body }) => body.onFailure !== undefined && body.onFailure !== 'refund_quota')
        .map((version) => ({
          path: pathTo(version, 'onFailure'),
          message: {
            zh: `失败时的处理为 ${shown(version.body.onFailure)}，配额不会返还`,
            en: `on failure it does ${shown(version.body.onFailure)}, so the quota is kept`,
          },
        })),
  },
  {
    id: 'BG144',
    severity: 'FAIL',
    title: { zh: '步骤失败后不能继续执行', en: 'Nothing goes on after a step has failed' },
    why: {
      zh: '失败后继续执行会为一个注定没有结果的任务继续付钱，并可能把失败当作成功结算。',
      en: 'Going on pays for a task that can have no result, and may settle a failure as a success.',
    },
    incidents: [
      'customer review list: 发现 Step 失败后继续执行 → 拒绝合并',
      'a predecessor: invented results keep the quota',
    ],
    mend: { zh: '去掉 continueOnError。', en: 'Take continueOnError away.' },
    bad: pipeline('"timeoutSeconds": 60, "continueOnError": true'),
    good: pipeline('"timeoutSeconds": 60'),
    find: (facts) =>
      eachStep(facts, ({ continueOnError }, path) =>
        continueOnError === undefined || continueOnError === false || continueOnError === null
          ? []
          : [
              {
                path: `${path}.continueOnError`,
                message: { zh: '这一步失败后会继续执行', en: 'the pipeline goes on when this step has failed' },
              },
            ],
      ),
  },
  {
    id: 'BG145',
    severity: 'WARNING',
    title: { zh: '只有一个候选供应商', en: 'A single candidate' },
    why: {
      zh: '它故障时功能即不可用，所有任务失败并返还。',
      en: 'While it is down so is the feature: every task fails and is given back.',
    },
    incidents: ['a predecessor: one hard-coded provider, health always “up”', 'new-api#5420'],
    mend: { zh: '增加一个候选供应商。', en: 'Name a second candidate.' },
    bad: pipeline('"timeoutSeconds": 60').replace('["a", "b"]', '["a"]'),
    good: pipeline('"timeoutSeconds": 60'),
    find: (facts) =>
      eachStep(facts, (step, path) =>
        isAlone(facts, step) ? [{ path: `${path}.providerCandidates`, message: ALONE }] : [],
      ),
  },
  {
    id: 'BG146',
    severity: 'FAIL',
    title: { zh: '步骤没有可用的供应商', en: 'A step that nobody can do' },
    why: {
      zh: '前面的步骤付了钱，这一步却没有任何供应商：每个任务都会失败。',
      en: 'The steps before are paid for, and nobody can do this one: every task fails.',
    },
    incidents: ['a predecessor: health that was always “up”', 'llmgateway PR#2652'],
    mend: { zh: '写出存在的候选供应商。', en: 'Name candidates that exist.' },
    bad: `{ "providers": [{ "providerRef": "c", "unitCostMicroYuan": 1000 }], "pipelines": [{ "featureId": "x", "version": 1, "body": ${pipeline('"timeoutSeconds": 60')} }] }`,
    good: `{ "providers": [{ "providerRef": "a", "unitCostMicroYuan": 1000 }], "pipelines": [{ "featureId": "x", "version": 1, "body": ${pipeline('"timeoutSeconds": 60')} }] }`,
    find: (facts) => eachStep(facts, (step, path) => orphanHits(facts, step, path)),
  },
];

const ALONE = {
  zh: '只有一个候选供应商，它故障时功能即不可用',
  en: 'there is a single candidate; while it is down, so is the feature',
};

function pathTo({ featureId, version }: Version<unknown>, ...within: readonly (string | number)[]): string {
  return pathOf('pipelines', `${featureId}/${version}`, ...within);
}

/** What is found in each step of the pipelines in use. */
export function eachStep(
  { pipelines }: Facts,
  find: (step: Step, path: string, at: { index: number; pipeline: PipelineBody }) => Hit[],
): Hit[] {
  return pipelines.flatMap((version) =>
    version.body.steps.flatMap((step, index) =>
      find(step, pathTo(version, 'steps', index), { index, pipeline: version.body }),
    ),
  );
}

function pollingHits(
  { polling }: Step,
  path: string,
  { pipeline: { maxExecutionSeconds } }: { pipeline: PipelineBody },
): Hit[] {
  const [interval, attempts, most] = [polling?.intervalSeconds, polling?.maxAttempts, maxExecutionSeconds].map(whole);
  if (interval === undefined || attempts === undefined || most === undefined || interval * attempts <= most) return [];
  const seconds = interval * attempts;
  return [
    {
      path: `${path}.polling`,
      message: {
        zh: `轮询共 ${seconds} 秒，任务最长 ${most} 秒`,
        en: `asking goes on for ${seconds} s, the task for ${most} s`,
      },
      evidence: [`${interval} s × ${attempts} = ${seconds} s > ${most} s`],
    },
  ];
}

function overallHits(version: Version<PipelineBody>): Hit[] {
  const { steps, maxExecutionSeconds } = version.body;
  const seconds = steps.map(({ timeoutSeconds }) => whole(timeoutSeconds) ?? 0);
  const total = seconds.reduce((sum, each) => sum + each, 0);
  const most = whole(maxExecutionSeconds);
  if (most !== undefined && most > 0 && total <= most) return [];
  if (maxExecutionSeconds === undefined) return [];
  return [
    {
      path: pathTo(version, 'maxExecutionSeconds'),
      message: {
        zh: `各步骤合计 ${total} 秒，任务最长 ${shown(maxExecutionSeconds)} 秒`,
        en: `the steps may take ${total} s, the task ${shown(maxExecutionSeconds)} s`,
      },
      evidence: [`${seconds.join(' + ')} = ${total}`],
    },
  ];
}

/** Our own engine is where we are: it is down only when everything is. */
function isAlone({ providers }: Facts, { providerCandidates }: Step): boolean {
  const [only, ...others] = providerCandidates ?? [];
  return only !== undefined && others.length === 0 && providers?.get(only)?.kind !== 'builtin';
}

function orphanHits({ providers }: Facts, { providerCandidates = [] }: Step, path: string): Hit[] {
  if (providers === undefined || providerCandidates.some((ref) => providers.has(ref))) return [];
  return [
    {
      path: `${path}.providerCandidates`,
      message: { zh: '候选供应商都不存在', en: 'none of the candidates exists' },
      evidence: [
        `candidates: ${providerCandidates.join(', ') || 'none'}`,
        `providers: ${[...providers.keys()].join(', ')}`,
      ],
    },
  ];
}
