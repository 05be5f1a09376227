import { z } from 'zod';

const work = z.object({
  databaseUrl: z.string(),
  wechat: z.object({
    mchid: z.string(),
    appid: z.string(),
    merchantSerial: z.string(),
    merchantPrivateKeyPem: z.string(),
    merchantCertPem: z.string(),
    apiV3Key: z.string(),
    platformKeys: z.record(z.string(), z.string()),
    notifyUrl: z.string(),
    baseUrl: z.string(),
    timeoutMs: z.number(),
  }),
});
const worked = z.object({
  ms: z.number(),
  maxRssKb: z.number(),
  runId: z.string(),
  state: z.literal('done'),
  bytes: z.number(),
});

/** What the process that is measured needs to know. */
export type Work = z.infer<typeof work>;
export const readWork = (text: string): Work => work.parse(JSON.parse(text));
export const readWorked = (text: string): z.infer<typeof worked> => worked.parse(JSON.parse(text));
