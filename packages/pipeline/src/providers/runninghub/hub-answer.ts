import { z } from 'zod';
import { BUSY, CONTENT_REFUSED, ProviderFailure } from '../provider.ts';

/** `{code, msg, data}`; the code is a number or its digits. */
const envelopeSchema = z.looseObject({
  code: z.union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,6}$/)
      .transform(Number),
  ]),
  msg: z.string().nullish(),
  data: z.unknown().optional(),
});
export type HubAnswer = z.infer<typeof envelopeSchema>;

const figure = z.union([z.string(), z.number()]).nullish();
/** The second interface's flat answer. */
const usageSchema = z.looseObject({
  /** Absent or empty where there is no such task. */
  status: z
    .string()
    .nullish()
    .transform((status) => status ?? ''),
  errorCode: z
    .union([z.string(), z.number()])
    .nullish()
    .transform((code) => (code === null || code === undefined ? undefined : String(code))),
  usage: z.looseObject({ consumeMoney: figure, thirdPartyConsumeMoney: figure, consumeCoins: figure }).nullish(),
});
export type HubUsage = z.infer<typeof usageSchema>;

/** Undefined when it is no answer of theirs. */
export function parseHubUsage(text: string): HubUsage | undefined {
  try {
    return usageSchema.safeParse(JSON.parse(text, keepDigits)).data;
  } catch {
    return undefined;
  }
}

/** Ids have 19 digits, more than a double holds: a bare one becomes its own text. Undefined when it is no answer of theirs. */
export function parseHubAnswer(text: string): HubAnswer | undefined {
  try {
    return envelopeSchema.safeParse(JSON.parse(text, keepDigits)).data;
  } catch {
    return undefined;
  }
}

function keepDigits(...[, value, context]: [key: string, value: unknown, context?: { source?: string }]): unknown {
  const isLong = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '');
  return isLong ? context?.source : value;
}

/** An id as text, whichever way it came. */
export const hubIdSchema = z
  .union([z.string().regex(/^\d{1,20}$/), z.int().nonnegative()])
  .transform((id) => String(id));

export const HUB_OK = 0;
export const HUB_RUNNING = 804;
export const HUB_FAILED = 805;
export const HUB_QUEUED = 813;
/** Its tasks and ours: there is none of this id. */
export const HUB_NOT_FOUND = new Set([423, 807]);

/** All our places there are taken: wait, or go elsewhere. */
const FULL = new Set([415, 421, 814, 1003, 1010, 1011, 1520]);
/** Wallet, key, or what an operator wrote about workflow and nodes. */
const OURS = new Set([
  301, 380, 412, 416, 433, 435, 436, 801, 802, 803, 810, 811, 812, 901, 1001, 1002, 1004, 1007, 1101,
]);
const CONTENT = new Set([1501, 1505]);

/** Who must act about a code that is neither success nor a state. None of these began any work. */
export function hubFailure(code: number): ProviderFailure {
  const unbilled = { costMicroYuan: 0 };
  if (FULL.has(code)) return new ProviderFailure('vendor', BUSY, unbilled);
  if (OURS.has(code)) return new ProviderFailure('our_account', `hub_${code}`, unbilled);
  if (CONTENT.has(code)) return new ProviderFailure('member_input', CONTENT_REFUSED, unbilled);
  return new ProviderFailure('vendor', `hub_${code}`);
}
