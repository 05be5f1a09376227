import { AppError } from '@yunshang/contracts';
import type { Clock } from '@yunshang/db';
import { z } from 'zod';
import { createSignatureCheck } from './platform-signature.ts';
import type { WechatSettings } from './wechat-settings.ts';

/** The address that every call is built and signed for. */
export const VENDOR_URL = 'https://api.mch.weixin.qq.com';
const refusalSchema = z.object({ code: z.string() });

type Answer = { status: number; data: unknown };
type Call = { method: 'GET' | 'POST'; url: string; body?: unknown; headers: Record<string, unknown> };

/** What wechatpay-node-v3 sends its requests through. */
export type WechatHttp = {
  get(url: string, headers: Record<string, unknown>): Promise<Answer>;
  post(url: string, body: unknown, headers: Record<string, unknown>): Promise<Answer>;
  upload(): Promise<never>;
};

/**
 * Sends signed requests and believes a 2xx answer only when its signature verifies over the raw bytes. What WeChat Pay
 * refuses for good (4xx) is WechatRefused; whatever leaves the outcome unknown (no answer, 429, 5xx, an answer that is not
 * authentic) is PAYMENT_UNAVAILABLE. Neither carries the request's headers.
 */
export function createWechatHttp(settings: WechatSettings, clock: Clock): WechatHttp {
  const findFault = createSignatureCheck(settings.platformKeys);
  const send = async (call: Call): Promise<Answer> => {
    const response = await fetchAnswer(settings, call);
    if (response.status === 429 || response.status >= 500 || response.status < 200)
      throw unavailable(`status ${response.status}`);
    if (response.status >= 300) throw new WechatRefused(response.status, vendorCode(response.body));
    const fault = findFault({ headers: response.headers, body: response.body }, clock.now());
    if (fault !== undefined) throw unavailable(`the answer is not authentic: ${fault}`);
    if (response.status !== 200 && response.status !== 204) throw unavailable(`status ${response.status}`);
    return { status: response.status, data: parseJson(response.body) };
  };
  return {
    get: (url, headers) => send({ method: 'GET', url, headers }),
    post: (url, body, headers) => send({ method: 'POST', url, body, headers }),
    upload: () => Promise.reject(new Error('uploads to WeChat Pay are not used')),
  };
}

/** WeChat Pay understood the request and refused it; `vendorCode` is its own word, '' when it gave none. */
export class WechatRefused extends Error {
  override readonly name = 'WechatRefused';
  readonly status: number;
  readonly vendorCode: string;

  constructor(status: number, code: string) {
    super(`WeChat Pay refused: ${status} ${code}`);
    this.status = status;
    this.vendorCode = code;
  }
}

/** PAYMENT_UNAVAILABLE with a cause that is safe to log. */
export function unavailable(why: string): AppError {
  return new AppError('PAYMENT_UNAVAILABLE', {}, { cause: new Error(`WeChat Pay: ${why}`) });
}

async function fetchAnswer(
  settings: WechatSettings,
  call: Call,
): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
  const serial = Object.keys(settings.platformKeys).find((name) => name.startsWith('PUB_KEY_ID_'));
  const headers = {
    ...Object.fromEntries(Object.entries(call.headers).map(([name, value]) => [name, String(value)])),
    // The signature is over the bytes on the wire, so they must not be packed.
    'Accept-Encoding': 'identity',
    ...(serial === undefined ? {} : { 'Wechatpay-Serial': serial }),
  };
  try {
    const response = await fetch(call.url.replace(VENDOR_URL, settings.baseUrl ?? VENDOR_URL), {
      method: call.method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(settings.timeoutMs),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const body = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: Object.fromEntries(response.headers), body };
  } catch (error) {
    throw unavailable(`no answer: ${networkReason(error)}`);
  }
}

export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
}

function vendorCode(body: Buffer): string {
  const parsed = refusalSchema.safeParse(parseJson(body));
  return parsed.success ? parsed.data.code : '';
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
