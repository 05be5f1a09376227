import { z } from 'zod';
import { ROLES } from '../permissions.ts';
import { idSchema, instantSchema, phoneSchema } from '../units.ts';

export const requestCodeInput = z.strictObject({ phone: phoneSchema });
export const requestCodeOutput = z.object({
  /** Seconds the code stays valid. */
  expiresInSeconds: z.int(),
  /** Seconds before another code can be asked for. */
  retryAfterSeconds: z.int(),
});
export const signInInput = z.strictObject({
  phone: phoneSchema,
  code: z.string().regex(/^\d{6}$/, 'must be 6 digits'),
});
export const refreshInput = z.strictObject({ refreshToken: z.string().min(20).max(300) });
export const tokensOutput = z.object({
  accessToken: z.string(),
  /** Seconds the access token lives. */
  expiresInSeconds: z.int(),
  refreshToken: z.string(),
  userId: idSchema,
});
export const membershipSchema = z.object({
  planId: z.string(),
  level: z.int(),
  /** When the current period began and when the last period already paid for ends. */
  startedAt: instantSchema,
  endsAt: instantSchema,
});
export const accountOutput = z.object({
  userId: idSchema,
  accountId: z.string(),
  phoneMasked: z.string(),
  role: z.enum(ROLES),
  membership: membershipSchema.nullable(),
  createdAt: instantSchema,
  /** When I agreed to text messages about low quota; null while I do not. */
  lowQuotaSmsAgreedAt: instantSchema.nullable(),
});
export const lowQuotaSmsInput = z.strictObject({ agreed: z.boolean() });
export const lowQuotaSmsOutput = z.object({ agreedAt: instantSchema.nullable() });
export const sessionSchema = z.object({
  id: idSchema,
  current: z.boolean(),
  userAgent: z.string(),
  createdAt: instantSchema,
  lastUsedAt: instantSchema,
});
export const sessionsOutput = z.object({ items: z.array(sessionSchema) });
export const endSessionInput = z.strictObject({ sessionId: idSchema });
export const setRoleInput = z.strictObject({ userId: idSchema, role: z.enum(ROLES) });

export type Tokens = z.infer<typeof tokensOutput>;
export type Account = z.infer<typeof accountOutput>;
export type Membership = z.infer<typeof membershipSchema>;
export type SessionItem = z.infer<typeof sessionSchema>;
