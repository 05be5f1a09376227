import { z } from 'zod';
import { fenSchema, idSchema, instantSchema } from '../units.ts';
import { daySchema } from './costs.ts';

export const FAPIAO_KINDS = ['personal', 'company'] as const;
/**
 * `requested`: the member waits. `issuing`: somebody of finance is at it. `issued`: there is a number and a file. `red_flushed`: issued,
 * and taken back by a red one. `rejected`: nothing was issued.
 */
export const FAPIAO_STATUSES = ['requested', 'issuing', 'issued', 'red_flushed', 'rejected'] as const;
export type FapiaoStatus = (typeof FAPIAO_STATUSES)[number];

const title = {
  kind: z.enum(FAPIAO_KINDS),
  name: z.string(),
  /** Unified social credit code, of companies only. */
  taxNo: z.string().nullable(),
};
export const fapiaoTitleSchema = z.object({ id: idSchema, ...title, createdAt: instantSchema });
export const fapiaoTitlesOutput = z.object({ items: z.array(fapiaoTitleSchema) });
export const addFapiaoTitleInput = z
  .strictObject({
    kind: z.enum(FAPIAO_KINDS),
    name: z.string().trim().min(2).max(100),
    taxNo: z
      .string()
      .trim()
      .toUpperCase()
      .regex(/^[0-9A-HJ-NPQRTUWXY]{18}$/, 'must be the 18 characters of a unified social credit code')
      .optional(),
  })
  .refine(({ kind, taxNo }) => (kind === 'company') === (taxNo !== undefined), {
    path: ['taxNo'],
    message: 'belongs to a company, and only to it',
  });
export const fapiaoTitleIdInput = z.strictObject({ titleId: idSchema });

export const fapiaoSchema = z.object({
  id: idSchema,
  orderId: idSchema,
  userId: idSchema,
  /** As it was when it was asked for. */
  title: z.object(title),
  amountFen: fenSchema,
  status: z.enum(FAPIAO_STATUSES),
  number: z.string().nullable(),
  issuedOn: daySchema.nullable(),
  /** The red one that took it back. */
  redNumber: z.string().nullable(),
  redIssuedOn: daySchema.nullable(),
  /** Since when finance has to flush it red, or reject it: money of the order went back. */
  redDemandedAt: instantSchema.nullable(),
  rejectReason: z.string().nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export const fapiaoIdInput = z.strictObject({ fapiaoId: idSchema });
export const requestFapiaoInput = z.strictObject({ orderId: idSchema, titleId: idSchema });
const page = { cursor: idSchema.optional(), limit: z.int().min(1).max(100).default(20) };
export const listFapiaoInput = z.strictObject(page);
export const searchFapiaoInput = z.strictObject({
  orderId: idSchema.optional(),
  status: z.enum(FAPIAO_STATUSES).optional(),
  /** Only what is to be flushed red, or to be rejected, because money went back. */
  redDue: z.boolean().default(false),
  ...page,
});
export const fapiaoPageOutput = z.object({ items: z.array(fapiaoSchema), nextCursor: idSchema.nullable() });

/** What finance has in hand after issuing at the tax bureau's platform. */
export const issueFapiaoInput = z.strictObject({
  fapiaoId: idSchema,
  number: z.string().regex(/^\d{20}$/, 'must be the 20 digits of a fully digital fapiao'),
  issuedOn: daySchema,
  /** Of the file in the bucket. */
  objectKey: z
    .string()
    .max(200)
    .regex(/^fapiao\/[\w-]+(\/[\w-]+)*\.(pdf|ofd|xml)$/, 'must be fapiao/….pdf, .ofd or .xml'),
});
export const rejectFapiaoInput = z.strictObject({ fapiaoId: idSchema, reason: z.string().trim().min(2).max(200) });
/** Which file: `blue` is what was issued, `red` what took it back. */
export const fapiaoFileInput = z.strictObject({ fapiaoId: idSchema, which: z.enum(['blue', 'red']).default('blue') });
export const fapiaoFileOutput = z.object({ url: z.string(), expiresAt: instantSchema });

export type FapiaoTitle = z.infer<typeof fapiaoTitleSchema>;
export type Fapiao = z.infer<typeof fapiaoSchema>;
