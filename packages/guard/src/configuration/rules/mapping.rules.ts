import { MAPPING_ENV, mappedTexts, sourcesOf } from '@yunshang/contracts';
import type { Facts } from '../facts.ts';
import { type ConfigurationRule, type Hit } from '../rule.ts';
import { eachStep } from './pipeline.rules.ts';

const pipeline = (mapping: string): string =>
  `{ "steps": [{ "name": "cut", "timeoutSeconds": 60, "providerCandidates": ["a", "b"], "inputMapping": { "image": "\${input_data.photo}" } },
  { "name": "compose", "timeoutSeconds": 60, "providerCandidates": ["a", "b"], "inputMapping": { ${mapping} } }], "onFailure": "refund_quota", "maxExecutionSeconds": 600 }`;

/** What a step may read. */
export const mappingRules: readonly ConfigurationRule[] = [
  {
    id: 'BG150',
    severity: 'FAIL',
    title: { zh: '步骤只能引用前面步骤的输出', en: 'A step reads only what came before it' },
    why: {
      zh: '引用自己或后面的步骤时没有值：供应商收到空的输入，做了没有用的工作，我们照样付钱。',
      en: 'What comes later has no value yet: the vendor gets an empty input, does useless work, and is paid for it.',
    },
    incidents: ['the design’s list: mapping to a later step', 'a predecessor: fields that nobody sends'],
    mend: { zh: '引用前面的步骤，或调整步骤顺序。', en: 'Name an earlier step, or reorder the steps.' },
    bad: pipeline('"image": "${steps[1].output.image}"'),
    good: pipeline('"image": "${steps[0].output.image}"'),
    find: (facts) =>
      eachSource(facts, ({ source, index }) => {
        const named = /^steps\[(\d+)\]/.exec(source)?.[1];
        if (named === undefined || Number(named) < index) return undefined;
        return {
          zh: `第 ${index} 步引用了第 ${named} 步的输出`,
          en: `step ${index} reads what step ${named} makes`,
        };
      }),
  },
  {
    id: 'BG151',
    severity: 'FAIL',
    title: { zh: '流水线不能引用密钥', en: 'No pipeline reads a secret' },
    why: {
      zh: '映射的内容会发给供应商、写进步骤记录并随导出流出；密钥也不能写成字面值。',
      en: 'What is mapped goes to vendors, into the records of steps and out with exports. A secret is not written there as a literal either.',
    },
    incidents: ['the design’s list: mapping to a secret', 'customer brief: 安全要求'],
    mend: {
      zh: '把密钥写入供应商的 credentials，由供应商适配器使用。',
      en: 'Keep secrets in the provider’s credentials, where its adapter uses them.',
    },
    bad: pipeline('"key": "${env.WECHAT_API_V3_KEY}"'),
    good: pipeline('"callback": "${env.PUBLIC_BASE_URL}"'),
    find: (facts) => [
      ...eachSource(facts, ({ source }) =>
        isSecret(source) ? { zh: `\${${source}} 是密钥`, en: `\${${source}} is a secret` } : undefined,
      ),
      ...literalSecrets(facts),
    ],
  },
  {
    id: 'BG152',
    severity: 'FAIL',
    title: { zh: '只能引用允许的环境变量', en: 'Only listed names of the environment are read' },
    why: {
      zh: '环境变量里什么都有；没有清单就等于把整个环境交给写流水线的人。',
      en: 'The environment holds everything; without a list whoever writes a pipeline can read all of it.',
    },
    incidents: ['the design’s list: mapping to an unlisted env', 'trigger.dev#4172'],
    mend: { zh: `可引用：${MAPPING_ENV.join('、')}。`, en: `Readable: ${MAPPING_ENV.join(', ')}.` },
    bad: pipeline('"node": "${env.HOSTNAME}"'),
    good: pipeline('"callback": "${env.PUBLIC_BASE_URL}"'),
    find: (facts) =>
      eachSource(facts, ({ source }) => {
        const isListed = MAPPING_ENV.some((name) => source === `env.${name}`);
        if (!source.startsWith('env.') || isListed || isSecret(source)) return undefined;
        return { zh: `\${${source}} 不在清单中`, en: `\${${source}} is not on the list` };
      }),
  },
  {
    id: 'BG153',
    severity: 'FAIL',
    title: { zh: '映射的来源必须存在', en: 'A mapping names a source that exists' },
    why: {
      zh: '写错的来源会变成空值，或者更糟，变成字面文字发给供应商。',
      en: 'A source that is not one becomes nothing, or worse, goes to the vendor as it is written.',
    },
    incidents: [
      'a predecessor: callback and function use different fields',
      'product brief §2: found when it is saved',
    ],
    mend: {
      zh: '来源为 input_data.x、steps[i].output.x、task_id、user_id 或 env.X，花括号必须成对。',
      en: 'Sources are input_data.x, steps[i].output.x, task_id, user_id or env.X, each with both braces.',
    },
    bad: pipeline('"image": "${photo}"'),
    good: pipeline('"image": "${input_data.photo}"'),
    find: (facts) => [
      ...eachSource(facts, ({ source }) =>
        SOURCE.test(source) || isSecret(source)
          ? undefined
          : { zh: `\${${source}} 不是可用的来源`, en: `\${${source}} is no source` },
      ),
      ...unclosed(facts),
    ],
  },
];

const SOURCE = /^(input_data\.\w+|steps\[\d+\]\.output\.\w+|task_id|user_id|env\.\w+)$/;
const SECRET = /secret|passw|token|credential|private_?key|api_?(v\d_?)?key|access_?key|_key$/i;
/** A literal under such a name, of a secret's length, is one. */
const SECRET_NAME = /secret|password|passwd|token|credential|api_?key|access_?key|authorization/i;

/** What members send and steps make is no secret of ours, whatever it is called. */
function isSecret(source: string): boolean {
  return SECRET.test(source) && !/^(input_data|steps\[\d+\]\.output)\./.test(source);
}

type Source = { source: string; index: number };

function eachSource(facts: Facts, judge: (source: Source) => Hit['message'] | undefined): Hit[] {
  return eachStep(facts, ({ inputMapping }, path, { index }) =>
    mappedTexts(inputMapping).flatMap(({ text, path: within }) =>
      sourcesOf(text).flatMap((source) => {
        const message = judge({ source, index });
        return message === undefined
          ? []
          : [{ path: [path, 'inputMapping', ...within].join('.'), message, evidence: [text] }];
      }),
    ),
  );
}

function literalSecrets(facts: Facts): Hit[] {
  return eachStep(facts, ({ inputMapping }, path) =>
    mappedTexts(inputMapping)
      .filter(
        ({ text, path: within }) =>
          SECRET_NAME.test(String(within.at(-1))) && text.length >= 12 && !text.includes('${'),
      )
      .map(({ path: within }) => ({
        path: [path, 'inputMapping', ...within].join('.'),
        message: { zh: '看起来是写成字面值的密钥', en: 'this looks like a secret, written out' },
      })),
  );
}

function unclosed(facts: Facts): Hit[] {
  return eachStep(facts, ({ inputMapping }, path) =>
    mappedTexts(inputMapping)
      .filter(({ text }) => text.replaceAll(/\$\{[^{}]*\}/g, '').includes('${'))
      .map(({ text, path: within }) => ({
        path: [path, 'inputMapping', ...within].join('.'),
        message: { zh: '`${` 没有对应的 `}`', en: 'a ${ is not closed' },
        evidence: [text],
      })),
  );
}
