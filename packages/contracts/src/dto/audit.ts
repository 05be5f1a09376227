import { z } from 'zod';
import { bilingualSchema, idSchema, instantSchema, type Bilingual } from '../units.ts';

/** What can be wrong with the log, in words. */
export const AUDIT_FINDINGS = {
  row_changed: { zh: '记录在封存后被修改', en: 'A row was changed after it was sealed' },
  row_missing: { zh: '已封存的记录被删除', en: 'A sealed row was deleted' },
  row_inserted: {
    zh: '记录插入到已封存的区间，程序不会这样写入',
    en: 'A row was put in among sealed rows, where the program does not write',
  },
  row_repeated: {
    zh: '记录重复：内容相同，或同一效果出现两次',
    en: 'A row repeats another, or an effect is there twice',
  },
  row_not_sealed: {
    zh: '记录长时间未封存，封存任务没有运行',
    en: 'A row has waited for long: nothing is being sealed',
  },
  block_missing: { zh: '链上缺少区块', en: 'A block of the chain is missing' },
  block_changed: { zh: '区块与链不符', en: 'A block does not fit the chain' },
  chain_cut: { zh: '链的末尾被截断：锚点见过更长的链', en: 'The end of the chain was cut: an anchor saw more of it' },
  chain_rewritten: {
    zh: '链与锚点不符，历史被重写',
    en: 'The chain is not the one that was anchored: history was rewritten',
  },
  anchor_forged: { zh: '锚点签名无效或被改动', en: 'An anchor is not as we signed it' },
  anchor_missing: { zh: '缺少锚点', en: 'An anchor is missing' },
  anchor_differs: {
    zh: '同一编号的锚点内容不同，或前后不衔接',
    en: 'Two anchors have one number, or do not follow each other',
  },
  trigger_missing: { zh: '禁止修改的触发器缺失或被替换', en: 'A trigger that refuses changes is missing or replaced' },
  key_missing: { zh: '唯一键缺失', en: 'A unique key is missing' },
} as const satisfies Record<string, Bilingual>;
export type AuditFindingKind = keyof typeof AUDIT_FINDINGS;

const findingKinds = Object.keys(AUDIT_FINDINGS) as [AuditFindingKind, ...AuditFindingKind[]];

export const auditFindingSchema = z.object({
  kind: z.enum(findingKinds),
  /** The table, or the place of an anchor. */
  where: z.string(),
  /** The id of a row, the number of a block or an anchor, the name of a trigger or key. */
  id: z.string(),
  detail: z.string(),
});
export type AuditFinding = z.infer<typeof auditFindingSchema>;

/** What proving the chain came to. */
export const auditReportSchema = z.object({
  ok: z.boolean(),
  /** The first in the order of the chain first; at most 100. */
  findings: z.array(auditFindingSchema),
  /** There are more than are listed. */
  more: z.boolean(),
  /** The block behind which the proof began; 0: it is of everything. */
  behind: z.int(),
  head: z.object({ block: z.int(), chainHash: z.string() }),
  blocks: z.int(),
  /** Rows proven of each table, from its first row on. */
  rows: z.record(z.string(), z.int()),
  /** Rows that wait to be sealed. */
  waiting: z.int(),
  /** Anchors seen in each place. */
  anchors: z.record(z.string(), z.int()),
  /** The newest anchor that the chain agrees with; null when it was compared with none. */
  anchored: z.object({ n: z.int(), at: instantSchema, block: z.int() }).nullable(),
  /** Anchors made after this copy of the database was taken. */
  later: z.int(),
  seconds: z.number(),
});
export type AuditReport = z.infer<typeof auditReportSchema>;

export const auditEntrySchema = z.object({
  id: z.int(),
  at: instantSchema,
  /** Null when the system itself acted. */
  actorId: idSchema.nullable(),
  actorRole: z.string(),
  action: z.string(),
  subjectType: z.string(),
  subjectId: z.string(),
  details: z.record(z.string(), z.unknown()),
  requestId: z.string(),
  /** It has its place in the chain. */
  isSealed: z.boolean(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

const word = z.string().trim().min(1).max(64);
export const listAuditInput = z
  .strictObject({
    actorId: idSchema.optional(),
    /** An action, such as `order.refunded`, or its beginning up to a dot: `order.` */
    action: z
      .string()
      .regex(
        /^[a-z_]+\.(?:[a-z_.]*[a-z_])?$/,
        'must be an action such as order.refunded, or its beginning such as order.',
      )
      .max(60)
      .optional(),
    subjectType: word.optional(),
    subjectId: word.optional(),
    requestId: word.optional(),
    from: instantSchema.optional(),
    to: instantSchema.optional(),
    cursor: z.int().positive().optional(),
    limit: z.int().min(1).max(100).default(20),
  })
  .refine((filter) => filter.subjectId === undefined || filter.subjectType !== undefined, {
    path: ['subjectType'],
    message: 'must be given with subjectId',
  })
  .refine((filter) => filter.from === undefined || filter.to === undefined || filter.from <= filter.to, {
    path: ['to'],
    message: 'must not be before from',
  });
export type ListAudit = z.infer<typeof listAuditInput>;
export const auditEntriesOutput = z.object({ items: z.array(auditEntrySchema), nextCursor: z.int().nullable() });

export const AUDIT_VERIFICATION_STATUSES = ['waiting', 'proven', 'broken'] as const;
export const auditVerificationSchema = z.object({
  id: idSchema,
  status: z.enum(AUDIT_VERIFICATION_STATUSES),
  /** Null for the nightly one. */
  requestedBy: idSchema.nullable(),
  createdAt: instantSchema,
  finishedAt: instantSchema.nullable(),
  report: auditReportSchema.nullable(),
  /** The first thing that is wrong, in words. */
  verdict: bilingualSchema.nullable(),
});
export type AuditVerification = z.infer<typeof auditVerificationSchema>;
export const verifyAuditInput = z.strictObject({
  /** Begin behind this block, which is believed. Everything when absent. */
  behindBlock: z.int().positive().optional(),
});
export const auditVerificationsOutput = z.object({ items: z.array(auditVerificationSchema) });
