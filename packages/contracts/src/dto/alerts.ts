import { z } from 'zod';
import { ALERT_KINDS } from '../alerts.ts';
import { idSchema, instantSchema } from '../units.ts';

export const alertSchema = z.object({
  id: idSchema,
  kind: z.string(),
  title: z.object({ zh: z.string(), en: z.string() }),
  /** What it is about; never a member's text, a phone or a secret. */
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  createdAt: instantSchema,
  acknowledgedAt: instantSchema.nullable(),
  acknowledgedBy: idSchema.nullable(),
  note: z.string().nullable(),
});
export const listAlertsInput = z.strictObject({
  /** Those nobody has taken care of. */
  open: z.boolean().default(false),
  kind: z.enum(ALERT_KINDS).optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(200).default(50),
});
export const alertsOutput = z.object({ items: z.array(alertSchema), nextCursor: idSchema.nullable() });
export const acknowledgeAlertInput = z.strictObject({
  alertId: idSchema,
  note: z.string().trim().min(1).max(500).optional(),
});

export const ALERT_FORMATS = ['wecom', 'feishu', 'json'] as const;
export type AlertFormat = (typeof ALERT_FORMATS)[number];
const targetName = z.string().trim().min(1).max(60);
const targetUrl = z.url({ protocol: /^https?$/ }).max(1_000);
/** Feishu and JSON are signed with it; WeCom has none. */
const targetSecret = z.string().min(8).max(200);
/** Null: of everything. */
const targetKinds = z.array(z.enum(ALERT_KINDS)).min(1).nullable();

export const alertTargetSchema = z.object({
  id: idSchema,
  name: z.string(),
  format: z.enum(ALERT_FORMATS),
  /** Of the address; the rest of it is a key and is never shown. */
  host: z.string(),
  kinds: z.array(z.string()).nullable(),
  isEnabled: z.boolean(),
  revision: z.int(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export const alertTargetsOutput = z.object({ items: z.array(alertTargetSchema) });
export const addAlertTargetInput = z.strictObject({
  name: targetName,
  format: z.enum(ALERT_FORMATS),
  url: targetUrl,
  secret: targetSecret.optional(),
  kinds: targetKinds.default(null),
});
export const updateAlertTargetInput = z.strictObject({
  targetId: idSchema,
  revision: z.int(),
  name: targetName.optional(),
  /** With the secret that belongs to it. */
  url: targetUrl.optional(),
  secret: targetSecret.optional(),
  kinds: targetKinds.optional(),
  isEnabled: z.boolean().optional(),
});
export const alertTargetIdInput = z.strictObject({ targetId: idSchema });
export const testedTargetOutput = z.object({ alertId: idSchema });
export const alertIdInput = z.strictObject({ alertId: idSchema });
export const alertDeliveriesOutput = z.object({
  items: z.array(
    z.object({
      targetId: idSchema,
      status: z.enum(['waiting', 'sent', 'given_up']),
      tries: z.int(),
      /** Of the last try; never a vendor's text. */
      error: z.string().nullable(),
      triedAt: instantSchema.nullable(),
    }),
  ),
});

export type AlertView = z.infer<typeof alertSchema>;
export type AlertTarget = z.infer<typeof alertTargetSchema>;
export type AddAlertTarget = z.infer<typeof addAlertTargetInput>;
export type UpdateAlertTarget = z.infer<typeof updateAlertTargetInput>;
export type AlertDelivery = z.infer<typeof alertDeliveriesOutput>['items'][number];
