import {
  mappedTexts,
  sourcesOf,
  type FieldIssue,
  type PipelineSchema,
  type PipelineStep,
  type ProviderKind,
} from '@yunshang/contracts';
import { issueAt } from './issues.ts';
import { jsonPathIssues } from './json-path-rules.ts';

/** `endpoints`: what the provider has a name for; null while it is not set up. */
export type KnownProvider = { kind: ProviderKind; isEnabled: boolean; endpoints: readonly string[] | null };
export type KnownProviders = ReadonlyMap<string, KnownProvider>;

/** Who can do a step of a type. */
const KINDS_OF_STEP: Readonly<Record<PipelineStep['type'], readonly ProviderKind[]>> = {
  sync_api: ['tencent_ci', 'builtin', 'http'],
  async_api: ['runninghub'],
  scf: ['scf'],
};

/** Everything wrong with a pipeline of the right shape. */
export function pipelineIssues(pipeline: PipelineSchema, providers: KnownProviders): FieldIssue[] {
  return pipeline.steps.flatMap((step, index) => [
    ...nameIssues(pipeline, index),
    ...candidateIssues(step, index, providers),
    ...stepSourceIssues(pipeline, step, index),
    ...outputIssues(pipeline, step, index),
    ...pollingIssues(pipeline, step, index),
  ]);
}

/**
 * What is allowed in a pipeline and should still be looked at; what it may cost the business is the guard's to say. `formKeys` are
 * those of the form it will run with.
 */
export function pipelineWarnings(
  pipeline: PipelineSchema,
  providers: KnownProviders,
  formKeys: ReadonlySet<string> | undefined,
): FieldIssue[] {
  return [
    ...pipeline.steps.flatMap((step, index) => candidateWarnings(step, index, providers)),
    ...(formKeys === undefined ? [] : inputKeyIssues(pipeline, formKeys)),
  ];
}

/** `${input_data.x}` that the form does not ask for. */
export function inputKeyIssues(pipeline: PipelineSchema, formKeys: ReadonlySet<string>): FieldIssue[] {
  return pipeline.steps.flatMap((step, index) =>
    mappedTexts(step.inputMapping).flatMap(({ text, path }) =>
      sourcesOf(text)
        .filter((source) => source.startsWith('input_data.') && !formKeys.has(source.slice('input_data.'.length)))
        .map((source) =>
          issueAt(['steps', index, 'inputMapping', ...path], {
            rule: 'form',
            zh: `表单没有字段 ${source.slice('input_data.'.length)}`,
            en: `the form has no field ${source.slice('input_data.'.length)}`,
            mend: { zh: `表单的字段：${[...formKeys].join('、')}`, en: `the form has ${[...formKeys].join(', ')}` },
          }),
        ),
    ),
  );
}

function nameIssues({ steps }: PipelineSchema, index: number): FieldIssue[] {
  const name = steps[index]?.name;
  if (steps.findIndex((step) => step.name === name) === index) return [];
  return [
    issueAt(['steps', index, 'name'], {
      rule: 'distinct',
      zh: `步骤名 ${name} 重复`,
      en: `the name ${name} is used twice`,
      mend: { zh: '换一个步骤名', en: 'give the step another name' },
    }),
  ];
}

function candidateIssues(step: PipelineStep, index: number, providers: KnownProviders): FieldIssue[] {
  const kinds = KINDS_OF_STEP[step.type];
  return step.providerCandidates.flatMap((ref, at) => {
    const path = ['steps', index, 'providerCandidates', at];
    const provider = providers.get(ref);
    if (provider === undefined)
      return [
        issueAt(path, {
          rule: 'exists',
          zh: `没有名为 ${ref} 的供应商`,
          en: `there is no provider ${ref}`,
          mend: { zh: '先新增供应商，或改正名称', en: 'add the provider first, or mend the name' },
        }),
      ];
    if (step.providerCandidates.indexOf(ref) !== at)
      return [
        issueAt(path, {
          rule: 'distinct',
          zh: `供应商 ${ref} 重复`,
          en: `${ref} is named twice`,
          mend: { zh: '删除重复的一个', en: 'name it once' },
        }),
      ];
    if (kinds.includes(provider.kind)) return endpointIssues(step, provider, path);
    return [
      issueAt(path, {
        rule: 'kind',
        zh: `${provider.kind} 类供应商不能执行 ${step.type} 步骤`,
        en: `a provider of kind ${provider.kind} can not do a step of type ${step.type}`,
        mend: { zh: `${step.type} 可用：${kinds.join('、')}`, en: `${step.type} takes ${kinds.join(', ')}` },
      }),
    ];
  });
}

function endpointIssues(step: PipelineStep, provider: KnownProvider, path: readonly PropertyKey[]): FieldIssue[] {
  const wanted = step.type === 'scf' ? step.scfFunction : step.endpoint;
  if (provider.endpoints === null || provider.endpoints.includes(wanted)) return [];
  const list = provider.endpoints.join(', ');
  return [
    issueAt(path, {
      rule: 'endpoint',
      zh: `该供应商没有 ${wanted}`,
      en: `this provider has no ${wanted}`,
      mend: {
        zh: `在供应商的 settings 中补上，或使用：${list}`,
        en: `add it to the provider's settings, or use ${list}`,
      },
    }),
  ];
}

function candidateWarnings(step: PipelineStep, index: number, providers: KnownProviders): FieldIssue[] {
  const path = ['steps', index, 'providerCandidates'];
  return step.providerCandidates.flatMap((ref, at) =>
    providers.get(ref)?.isEnabled === false
      ? [
          issueAt([...path, at], {
            rule: 'disabled',
            zh: `供应商 ${ref} 未启用`,
            en: `the provider ${ref} is switched off`,
            mend: { zh: '启用供应商后它才会被调用', en: 'switch it on for it to be called' },
          }),
        ]
      : [],
  );
}

const STEP_OUTPUT = /^steps\[(\d+)\]\.output\.(\w+)$/;

/** An output that the named step does not have. */
function stepSourceIssues(pipeline: PipelineSchema, step: PipelineStep, index: number): FieldIssue[] {
  return mappedTexts(step.inputMapping).flatMap(({ text, path }) =>
    sourcesOf(text).flatMap((source) => {
      const [, of, name] = STEP_OUTPUT.exec(source) ?? [];
      const outputs = Object.keys(pipeline.steps[Number(of)]?.outputMapping ?? {});
      if (of === undefined || name === undefined || Number(of) >= index || outputs.includes(name)) return [];
      return [
        issueAt(['steps', index, 'inputMapping', ...path], {
          rule: 'source',
          zh: `第 ${of} 步没有输出 ${name}`,
          en: `step ${of} has no output ${name}`,
          mend: {
            zh: `第 ${of} 步的输出：${outputs.join('、') || '无'}`,
            en: `step ${of} gives ${outputs.join(', ') || 'nothing'}`,
          },
        }),
      ];
    }),
  );
}

function outputIssues(pipeline: PipelineSchema, step: PipelineStep, index: number): FieldIssue[] {
  const path = ['steps', index, 'outputMapping'];
  const paths = Object.entries(step.outputMapping).flatMap(([name, jsonPath]) =>
    jsonPathIssues(jsonPath, [...path, name]),
  );
  const isEmpty = index === pipeline.steps.length - 1 && Object.keys(step.outputMapping).length === 0;
  if (!isEmpty) return paths;
  return [
    issueAt(path, {
      rule: 'required',
      zh: '最后一步没有输出，会员得不到结果',
      en: 'the last step gives nothing, so the member gets nothing',
      mend: { zh: '写明结果的位置，例如 {"image": "$.image"}', en: 'name the result, such as {"image": "$.image"}' },
    }),
  ];
}

function pollingIssues(pipeline: PipelineSchema, step: PipelineStep, index: number): FieldIssue[] {
  if (step.type !== 'async_api') return [];
  const { intervalSeconds, maxAttempts } = step.polling;
  const seconds = intervalSeconds * maxAttempts;
  if (seconds <= pipeline.maxExecutionSeconds) return [];
  const most = Math.max(1, Math.floor(pipeline.maxExecutionSeconds / intervalSeconds));
  return [
    issueAt(['steps', index, 'polling', 'maxAttempts'], {
      rule: 'time',
      zh: `轮询共 ${seconds} 秒，超过任务的最长时间 ${pipeline.maxExecutionSeconds} 秒`,
      en: `asking takes ${seconds} s, longer than the task may (${pipeline.maxExecutionSeconds} s)`,
      mend: {
        zh: `不超过 ${most} 次，或延长 maxExecutionSeconds`,
        en: `${most} at most, or a longer maxExecutionSeconds`,
      },
    }),
  ];
}
