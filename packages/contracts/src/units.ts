import { z } from 'zod';

/** 1/100 yuan, a safe integer. */
export const fenSchema = z.int().nonnegative().max(1_000_000_000_00);
/** Whole units of quota. */
export const quotaSchema = z.int().nonnegative().max(1_000_000);
/** Points in time cross the wire as ISO 8601 in UTC. */
export const instantSchema = z.iso.datetime();
/** ULID: 26 characters, sorted by the time of making. */
export const idSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'must be an id of 26 characters');
/** Mainland mobile number in E.164. */
export const phoneSchema = z
  .string()
  .regex(/^\+861[3-9]\d{9}$/, 'must be a mainland mobile number such as +8613800138000');
/** Text for people: Chinese first, English beside. */
export const bilingualSchema = z.object({ zh: z.string(), en: z.string() });
export type Bilingual = z.infer<typeof bilingualSchema>;

/** Yuan text for people, from fen: 9900 → "99.00". Integer arithmetic only. */
export function yuanText(fen: number): string {
  const sign = fen < 0 ? '-' : '';
  const abs = Math.abs(fen);
  return `${sign}${Math.trunc(abs / 100)}.${String(abs % 100).padStart(2, '0')}`;
}
