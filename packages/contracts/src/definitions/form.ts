import { z } from 'zod';
import { definitionIssue } from './issue.ts';

export const FIELD_TYPES = [
  'image',
  'images',
  'video',
  'text',
  'textarea',
  'number',
  'select',
  'radio',
  'checkbox',
  'slider',
  'color',
  'date',
] as const;
export const DEPENDENCY_OPERATORS = ['equals', 'notEquals', 'in', 'notIn', 'greaterThan', 'lessThan'] as const;
export const fieldKeySchema = z.string().regex(/^[a-z][a-zA-Z0-9]{0,63}$/, 'must be camel case');

/** Pictures that a field takes, also one without a `maxCount`. */
export const MOST_PICTURES = 50;

export const fieldValidationSchema = z.strictObject({
  /** Bytes. */
  maxSize: z.int().positive().optional(),
  allowedFormats: z
    .array(z.enum(['jpeg', 'png', 'webp', 'mp4']))
    .min(1)
    .optional(),
  /** Pixels. */
  minWidth: z.int().positive().optional(),
  minHeight: z.int().positive().optional(),
  /** Seconds. */
  maxDuration: z.int().positive().optional(),
  minLength: z.int().nonnegative().optional(),
  maxLength: z.int().positive().max(10_000).optional(),
  pattern: z.string().max(200).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  step: z.number().positive().optional(),
  options: z
    .array(z.strictObject({ value: z.string().max(100), label: z.string().max(100) }))
    .min(1)
    .max(100)
    .optional(),
  maxCount: z.int().positive().max(MOST_PICTURES).optional(),
  minDate: z.iso.date().optional(),
  maxDate: z.iso.date().optional(),
});

export const fieldDependencySchema = z.strictObject({
  field: fieldKeySchema,
  operator: z.enum(DEPENDENCY_OPERATORS),
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]),
});

export const formFieldSchema = z.strictObject({
  key: fieldKeySchema,
  type: z.enum(FIELD_TYPES),
  label: z.string().min(1).max(60),
  placeholder: z.string().max(100).optional(),
  required: z.boolean(),
  defaultValue: z.union([z.string(), z.number(), z.boolean()]).optional(),
  validation: fieldValidationSchema.optional(),
  dependencies: z.array(fieldDependencySchema).max(10).optional(),
  helpText: z.string().max(300).optional(),
});
export const formLayoutSchema = z.enum(['vertical', 'horizontal', 'grid']);

/** One schema gives the rendered form, the client check and the server check: see docs/specs/form-schema.md. */
export const formSchemaSchema = z
  .strictObject({
    fields: z.array(formFieldSchema).min(1).max(50),
    submitButton: z.string().min(1).max(20),
    layout: formLayoutSchema,
  })
  .check((ctx) => {
    const seen = new Set<string>();
    for (const [i, field] of ctx.value.fields.entries()) {
      if (seen.has(field.key))
        ctx.issues.push(
          definitionIssue(
            { input: field.key, path: ['fields', i, 'key'] },
            {
              rule: 'distinct',
              zh: `字段名 ${field.key} 重复`,
              en: `the key ${field.key} is used twice`,
              mend: { zh: '换一个字段名', en: 'give it another key' },
            },
          ),
        );
      for (const [j, dep] of (field.dependencies ?? []).entries())
        if (!seen.has(dep.field))
          ctx.issues.push(
            definitionIssue(
              { input: dep.field, path: ['fields', i, 'dependencies', j, 'field'] },
              {
                rule: 'earlier',
                zh: `依赖只能指向排在前面的字段；${dep.field} 不是`,
                en: `a dependency must name an earlier field; ${dep.field} is none`,
                mend: {
                  zh: '改为前面的字段，或调整字段顺序',
                  en: 'name a field above this one, or move the field up',
                },
              },
            ),
          );
      if ((field.type === 'select' || field.type === 'radio') && field.validation?.options === undefined)
        ctx.issues.push(
          definitionIssue(
            { input: field.key, path: ['fields', i, 'validation', 'options'] },
            {
              rule: 'options',
              zh: '选择类字段需要选项',
              en: 'a choice needs options',
              mend: {
                zh: '在 validation.options 中给出 value 和 label',
                en: 'give value and label in validation.options',
              },
            },
          ),
        );
      seen.add(field.key);
    }
  });
export type FormField = z.infer<typeof formFieldSchema>;
export type FormSchema = z.infer<typeof formSchemaSchema>;
