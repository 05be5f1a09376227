import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import sharp from 'sharp';
import { ims } from 'tencentcloud-sdk-nodejs-ims';
import { z } from 'zod';
import { NotLooked, type Checked, type Moderator, type Verdict } from './moderator.ts';

export type TencentImsSettings = {
  secretId: string;
  secretKey: string;
  region: string;
  timeoutMs: number;
  /** The policy chosen in the vendor's console; its default one when absent. */
  bizType?: string;
  /** Another host than the vendor's, such as `127.0.0.1:4600`; for development. */
  apiEndpoint?: string;
  apiProtocol?: 'http://' | 'https://';
};

/** The vendor takes 10 MB in Base64; what is larger is reduced. */
const MAX_BYTES = 7_000_000;
const LONGEST_SIDE = 1_536;
const QUALITY = 85;

const answerSchema = z.object({
  Suggestion: z.enum(['Pass', 'Review', 'Block']),
  Label: z.string().default(''),
  SubLabel: z.string().default(''),
  RequestId: z.string().optional(),
});
/** The vendor says that it can not look at this picture; it never will. */
const PICTURE_REFUSED = /^InvalidParameter(Value)?\.(\w*Image\w*|InvalidContent|InvalidFileContentSize)$/;
/** `RequestLimitExceeded`; never Node's `ECONNRESET`, nor a time-out behind the vendor's door. */
const ANSWERED = /^(?!.*Timeout)(?=.*[a-z])[A-Za-z.]{1,80}$/;
/** The connection was never made, so nothing was asked. */
const NOT_CONNECTED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_|SELF_SIGNED/;
const UNREADABLE = { verdict: { verdict: 'block', reason: 'unreadable' }, pictures: 0 } as const satisfies Checked;
const VERDICTS = { Pass: 'pass', Review: 'review', Block: 'block' } as const;

/** Tencent's picture moderation. The picture travels in the call: no address of ours is given away. */
export function tencentIms(settings: TencentImsSettings): Moderator {
  const protocol = settings.apiProtocol ?? 'https://';
  const client = new ims.v20201229.Client({
    credential: { secretId: settings.secretId, secretKey: settings.secretKey },
    region: settings.region,
    profile: {
      httpProfile: {
        protocol,
        // An agent of our own keeps the client from using http_proxy of the environment.
        agent: protocol === 'http://' ? new HttpAgent() : new HttpsAgent(),
        reqTimeout: settings.timeoutMs / 1000,
        ...(settings.apiEndpoint === undefined ? {} : { endpoint: settings.apiEndpoint }),
      },
    },
  });
  return {
    check: async ({ bytes, dataId }, begin) => {
      const sent = bytes.length <= MAX_BYTES ? bytes : await reduce(bytes).catch(() => undefined);
      // Nobody can look at what can not be opened.
      if (sent === undefined) return UNREADABLE;
      await begin();
      return client
        .ImageModeration({
          FileContent: sent.toString('base64'),
          DataId: dataId,
          ...(settings.bizType === undefined ? {} : { BizType: settings.bizType }),
        })
        .then((body): Checked => ({ verdict: verdictOf(answerSchema.parse(body)), pictures: 1 }))
        .catch((error: unknown): Checked => {
          if (PICTURE_REFUSED.test(codeOf(error))) return UNREADABLE;
          throw notLooked(error);
        });
    },
  };
}

function reduce(bytes: Buffer): Promise<Buffer> {
  return sharp(bytes)
    .autoOrient()
    .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#fff' })
    .jpeg({ quality: QUALITY })
    .toBuffer();
}

function verdictOf(answer: z.infer<typeof answerSchema>): Verdict {
  const reason = [answer.Label, answer.SubLabel].filter((part) => part !== '').join('/');
  return {
    verdict: VERDICTS[answer.Suggestion],
    ...(reason === '' ? {} : { reason }),
    ...(answer.RequestId === undefined ? {} : { ref: answer.RequestId }),
  };
}

/** The vendor's code alone: its errors carry the request. What it answers with an error it does not charge for. */
function notLooked(error: unknown): NotLooked {
  if (error instanceof z.ZodError) return new NotLooked('ims ImageModeration: not understood', { isCharged: true });
  const code = codeOf(error);
  const isRefused = ANSWERED.test(code) || NOT_CONNECTED.test(error instanceof Error ? error.message : '');
  return new NotLooked(`ims ImageModeration: ${code}`, { isCharged: !isRefused });
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no answer';
}
