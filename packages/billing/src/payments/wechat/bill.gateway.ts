import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isAppError } from '@yunshang/contracts';
import type { Clock } from '@yunshang/db';
import { z } from 'zod';
import { signGet } from './sign-request.ts';
import { createWechatHttp, networkReason, unavailable, VENDOR_URL, WechatRefused } from './wechat-http.ts';
import type { WechatSettings } from './wechat-settings.ts';

export type BillKind = 'trade' | 'fund_flow';

/** What WeChat Pay has of a day. */
export type BillOffer =
  | { state: 'ready'; sha1: string; downloadUrl: string }
  /** Nothing happened that day. */
  | { state: 'absent' }
  | { state: 'creating' };

/** Bills of a day. Throws PAYMENT_UNAVAILABLE where there is no answer that can be believed, WechatRefused where it refuses. */
export type BillGateway = {
  /** `day` is YYYY-MM-DD in Asia/Shanghai: not today, at most three months ago. */
  find(kind: BillKind, day: string): Promise<BillOffer>;
  /** Writes the packed file to `path`; what it holds is not verified by this. */
  download(downloadUrl: string, path: string): Promise<void>;
};

/** A million rows are some 40 MB packed. */
const MAX_PACKED_BYTES = 64 * 1024 * 1024;
const DOWNLOAD_MS = 5 * 60_000;
const HOSTS = ['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com'];
const DOWNLOAD_PATH = '/v3/billdownload/file';

const offerSchema = z.object({
  hash_type: z.literal('SHA1'),
  hash_value: z.string().regex(/^[0-9a-fA-F]{40}$/),
  download_url: z.url(),
});
const QUERIES = {
  trade: (day: string) => `/v3/bill/tradebill?bill_date=${day}&bill_type=ALL&tar_type=GZIP`,
  fund_flow: (day: string) => `/v3/bill/fundflowbill?bill_date=${day}&account_type=BASIC&tar_type=GZIP`,
} as const satisfies Record<BillKind, (day: string) => string>;

export function createBillGateway(settings: WechatSettings, clock: Clock): BillGateway {
  const http = createWechatHttp(settings, clock);
  return {
    async find(kind, day) {
      const path = QUERIES[kind](day);
      try {
        const { data } = await http.get(`${VENDOR_URL}${path}`, signGet(settings, path, clock.now()));
        const offer = offerSchema.safeParse(data);
        if (!offer.success) throw unavailable('the answer about a bill does not make sense');
        return {
          state: 'ready',
          sha1: offer.data.hash_value.toLowerCase(),
          downloadUrl: offer.data.download_url,
        };
      } catch (error) {
        if (!(error instanceof WechatRefused)) throw error;
        if (error.vendorCode === 'NO_STATEMENT_EXIST') return { state: 'absent' };
        if (error.vendorCode === 'STATEMENT_CREATING') return { state: 'creating' };
        throw error;
      }
    },
    download: (downloadUrl, path) => download(settings, { downloadUrl, path, now: clock.now() }),
  };
}

async function download(
  settings: WechatSettings,
  { downloadUrl, path, now }: { downloadUrl: string; path: string; now: Date },
): Promise<void> {
  const pathAndQuery = downloadPath(downloadUrl);
  const signal = AbortSignal.timeout(DOWNLOAD_MS);
  const headers = {
    ...signGet(settings, pathAndQuery, now),
    Accept: 'application/octet-stream',
    // The bill is packed as it is; a second packing on the way would change its bytes.
    'Accept-Encoding': 'identity',
  };
  try {
    const response = await fetch(`${settings.baseUrl ?? VENDOR_URL}${pathAndQuery}`, {
      headers,
      redirect: 'error',
      signal,
    });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw unavailable(`a bill's download answered ${response.status}`);
    }
    await pipeline(chunksOf(response.body), atMost(MAX_PACKED_BYTES), createWriteStream(path), { signal });
  } catch (error) {
    if (isAppError(error)) throw error;
    throw unavailable(`a bill's download broke off: ${networkReason(error)}`);
  }
}

async function* chunksOf(body: NonNullable<Response['body']>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel();
  }
}

/** Where WeChat Pay may send us, and nowhere else: what is signed for it would otherwise reach whoever it names. */
function downloadPath(downloadUrl: string): string {
  const url = new URL(downloadUrl);
  if (url.protocol !== 'https:' || !HOSTS.includes(url.host) || url.pathname !== DOWNLOAD_PATH)
    throw unavailable('a bill is to be fetched from an unknown place');
  return `${url.pathname}${url.search}`;
}

function atMost(limit: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limit) done(new Error('a bill is larger than any of ours can be'));
      else done(null, chunk);
    },
  });
}
