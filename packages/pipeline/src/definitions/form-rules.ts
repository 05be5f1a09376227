import type { FieldIssue, FormField, FormSchema } from '@yunshang/contracts';
import { checkField } from '../forms/check-form.ts';
import { issueAt, type IssueText } from './issues.ts';
import { patternIssues } from './pattern-rules.ts';

type Rules = NonNullable<FormField['validation']>;
type RuleName = keyof Rules;
type Dependency = NonNullable<FormField['dependencies']>[number];

const PICTURE = ['maxSize', 'allowedFormats', 'minWidth', 'minHeight'] as const;
/** Which rules mean something for which field. */
const RULES_OF: Readonly<Record<FormField['type'], readonly RuleName[]>> = {
  image: PICTURE,
  images: [...PICTURE, 'maxCount'],
  video: [...PICTURE, 'maxDuration'],
  text: ['minLength', 'maxLength', 'pattern'],
  textarea: ['minLength', 'maxLength', 'pattern'],
  number: ['min', 'max', 'step'],
  slider: ['min', 'max', 'step'],
  select: ['options'],
  radio: ['options'],
  checkbox: ['options', 'maxCount'],
  color: [],
  date: ['minDate', 'maxDate'],
};
const RANGES = [
  ['minLength', 'maxLength'],
  ['min', 'max'],
  ['minDate', 'maxDate'],
] as const satisfies readonly (readonly [RuleName, RuleName])[];

/** Everything wrong with a form of the right shape. */
export function formIssues(form: FormSchema): FieldIssue[] {
  return form.fields.flatMap((field, index) => {
    const path = ['fields', index];
    return [
      ...ruleIssues(field, [...path, 'validation']),
      ...defaultIssues(field, [...path, 'defaultValue']),
      ...(field.dependencies ?? []).flatMap((dependency, at) =>
        dependencyIssues(form, dependency, [...path, 'dependencies', at]),
      ),
    ];
  });
}

function ruleIssues(field: FormField, path: readonly PropertyKey[]): FieldIssue[] {
  const rules = field.validation ?? {};
  const known: readonly string[] = RULES_OF[field.type];
  const strange = Object.keys(rules).filter((name) => !known.includes(name));
  return [
    ...strange.map((name) => issueAt([...path, name], notForType(field, known))),
    ...RANGES.filter(([low, high]) => isReversed(rules[low], rules[high])).map(([low, high]) =>
      issueAt([...path, low], {
        rule: 'range',
        zh: `${low} 大于 ${high}，没有内容能满足`,
        en: `${low} is above ${high}, so nothing fits`,
        mend: { zh: '交换或修改这两个值', en: 'swap or change the two' },
      }),
    ),
    ...(rules.pattern === undefined ? [] : patternIssues(rules.pattern, [...path, 'pattern'])),
    ...optionIssues(rules, path),
    ...formatIssues(field, path),
    ...sliderIssues(field, path),
  ];
}

function notForType(field: FormField, known: readonly string[]): IssueText {
  const list = known.length === 0 ? '—' : known.join(', ');
  return {
    rule: 'not_for_type',
    zh: `${field.type} 字段不使用这条规则`,
    en: `a ${field.type} field does not use this rule`,
    mend: { zh: `删除它；可用的规则：${list}`, en: `delete it; rules of this type: ${list}` },
  };
}

function isReversed(low: unknown, high: unknown): boolean {
  if (typeof low === 'number' && typeof high === 'number') return low > high;
  return typeof low === 'string' && typeof high === 'string' && low > high;
}

function optionIssues(rules: Rules, path: readonly PropertyKey[]): FieldIssue[] {
  const values = (rules.options ?? []).map((option) => option.value);
  return values.flatMap((value, index) =>
    values.indexOf(value) === index
      ? []
      : [
          issueAt([...path, 'options', index, 'value'], {
            rule: 'distinct',
            zh: `选项 ${value} 重复`,
            en: `the option ${value} is there twice`,
            mend: { zh: '换一个值', en: 'give it another value' },
          }),
        ],
  );
}

function formatIssues(field: FormField, path: readonly PropertyKey[]): FieldIssue[] {
  const fits = (format: string): boolean => (format === 'mp4') === (field.type === 'video');
  const isFile = field.type === 'image' || field.type === 'images' || field.type === 'video';
  return (field.validation?.allowedFormats ?? []).flatMap((format, index) =>
    !isFile || fits(format)
      ? []
      : [
          issueAt([...path, 'allowedFormats', index], {
            rule: 'not_for_type',
            zh: `${field.type} 字段不能是 ${format}`,
            en: `a ${field.type} field can not be ${format}`,
            mend: { zh: '图片用 jpeg、png、webp；视频用 mp4', en: 'pictures: jpeg, png, webp; video: mp4' },
          }),
        ],
  );
}

function sliderIssues(field: FormField, path: readonly PropertyKey[]): FieldIssue[] {
  if (field.type !== 'slider') return [];
  return (['min', 'max'] as const).flatMap((name) =>
    field.validation?.[name] === undefined
      ? [
          issueAt([...path, name], {
            rule: 'required',
            zh: '滑块需要最小值和最大值',
            en: 'a slider needs both ends',
            mend: { zh: `填写 ${name}`, en: `give ${name}` },
          }),
        ]
      : [],
  );
}

function defaultIssues(field: FormField, path: readonly PropertyKey[]): FieldIssue[] {
  if (field.defaultValue === undefined) return [];
  const [wrong] = checkField(field, field.defaultValue);
  if (wrong === undefined) return [];
  return [
    issueAt(path, {
      rule: `default_${wrong.rule}`,
      zh: `默认值本身不能通过检查：${wrong.zh}`,
      en: `the default would not pass its own check: ${wrong.en}`,
      mend: { zh: '改正默认值，或删除它', en: 'mend the default, or take it away' },
    }),
  ];
}

function dependencyIssues(form: FormSchema, dependency: Dependency, path: readonly PropertyKey[]): FieldIssue[] {
  const { operator, value } = dependency;
  const isList = operator === 'in' || operator === 'notIn';
  if (isList !== Array.isArray(value))
    return [
      issueAt([...path, 'value'], {
        rule: 'type',
        zh: isList ? `${operator} 需要一个列表` : `${operator} 需要一个值，而不是列表`,
        en: isList ? `${operator} needs a list` : `${operator} needs one value, not a list`,
        mend: isList ? { zh: '写成 ["a", "b"]', en: 'write ["a", "b"]' } : { zh: '写成单个值', en: 'give one value' },
      }),
    ];
  const options = form.fields.find(({ key }) => key === dependency.field)?.validation?.options;
  const wanted: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (options === undefined || wanted.every((each) => options.some((option) => option.value === each))) return [];
  const list = options.map((option) => option.value).join(', ');
  return [
    issueAt([...path, 'value'], {
      rule: 'options',
      zh: `${dependency.field} 没有这个选项，条件永远不会如此成立`,
      en: `${dependency.field} has no such option`,
      mend: { zh: `使用其中之一：${list}`, en: `use one of ${list}` },
    }),
  ];
}
