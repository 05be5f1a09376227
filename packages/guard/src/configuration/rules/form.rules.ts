import { whole, type FormBody } from '../configuration.ts';
import type { Facts } from '../facts.ts';
import { pathOf, type ConfigurationRule, type Hit } from '../rule.ts';

type Field = FormBody['fields'][number];
const form = (field: string): string =>
  `{ "fields": [{ "key": "input", "label": "素材", "required": true, ${field} }] }`;

/** What a form lets in: it is all stored, moderated and sent to vendors who bill by size. */
export const formRules: readonly ConfigurationRule[] = [
  {
    id: 'BG160',
    severity: 'WARNING',
    title: { zh: '表单不限制文件的大小或数量', en: 'A form that takes files without limit' },
    why: {
      zh: '存储、审核和供应商都按大小和张数计费，而配额按次扣减：一次提交 50 张就是 50 倍的成本。',
      en: 'Storage, moderation and vendors bill by size and number, quota is taken by the task: fifty files cost fifty times as much.',
    },
    incidents: ['the design’s list: form that accepts unlimited files', 'customer brief step 1: 恶意刷单'],
    mend: { zh: '填写 maxSize，多文件再填写 maxCount。', en: 'Give maxSize, and maxCount for several files.' },
    bad: form('"type": "images", "validation": { "maxSize": 10485760 }'),
    good: form('"type": "images", "validation": { "maxSize": 10485760, "maxCount": 12 }'),
    find: (facts) => [
      ...missing(facts, ['image', 'images'], 'maxSize', {
        zh: '没有限制图片大小',
        en: 'the size of a picture is not limited',
      }),
      ...missing(facts, ['images'], 'maxCount', { zh: '没有限制文件数量', en: 'the number of files is not limited' }),
    ],
  },
  {
    id: 'BG161',
    severity: 'WARNING',
    title: { zh: '表单不限制视频的大小或时长', en: 'A form that takes films without limit' },
    why: {
      zh: '视频按秒计费；不限时长等于不限成本。',
      en: 'Films are billed by the second: no limit to their length is no limit to their cost.',
    },
    incidents: ['the design’s list: form that accepts unlimited files'],
    mend: { zh: '填写 maxSize 和 maxDuration。', en: 'Give maxSize and maxDuration.' },
    bad: form('"type": "video"'),
    good: form('"type": "video", "validation": { "maxSize": 52428800, "maxDuration": 30 }'),
    find: (facts) => [
      ...missing(facts, ['video'], 'maxSize', { zh: '没有限制视频大小', en: 'the size of a film is not limited' }),
      ...missing(facts, ['video'], 'maxDuration', {
        zh: '没有限制视频时长',
        en: 'the length of a film is not limited',
      }),
    ],
  },
  {
    id: 'BG162',
    severity: 'WARNING',
    title: { zh: '表单不限制文字长度', en: 'A form that takes text without limit' },
    why: {
      zh: '长文字会进入提示词、审核和海报；模型按字计费，版面也放不下。',
      en: 'Long text goes into prompts, moderation and posters: models bill by the word, and no layout holds it.',
    },
    incidents: ['the design’s list: form that accepts unlimited text'],
    mend: { zh: '填写 maxLength。', en: 'Give maxLength.' },
    bad: form('"type": "textarea"'),
    good: form('"type": "textarea", "validation": { "maxLength": 200 }'),
    find: (facts) =>
      missing(facts, ['text', 'textarea'], 'maxLength', {
        zh: '没有限制文字长度',
        en: 'the length of the text is not limited',
      }),
  },
];

function missing(
  { forms }: Facts,
  types: readonly string[],
  rule: 'maxSize' | 'maxCount' | 'maxDuration' | 'maxLength',
  message: Hit['message'],
): Hit[] {
  const isUnlimited = ({ type, validation }: Field): boolean =>
    types.includes(type) && (whole(validation?.[rule]) ?? 0) <= 0;
  return forms.flatMap(({ featureId, version, body }) =>
    body.fields.flatMap((field, index) =>
      isUnlimited(field)
        ? [
            {
              path: pathOf('forms', `${featureId}/${version}`, 'fields', index, 'validation', rule),
              message: { zh: `${field.key}：${message.zh}`, en: `${field.key}: ${message.en}` },
            },
          ]
        : [],
    ),
  );
}
