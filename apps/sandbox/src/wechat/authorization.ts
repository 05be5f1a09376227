import { createPublicKey, verify } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { SandboxConfig } from '../config.ts';
import { header, rawBody } from '../http.ts';
import { VendorError } from '../vendor-call.ts';

const SCHEME = 'WECHATPAY2-SHA256-RSA2048 ';
const TOLERANCE_S = 300;
const FIELDS = ['mchid', 'nonce_str', 'signature', 'timestamp', 'serial_no'] as const;
type Authorization = Record<(typeof FIELDS)[number], string>;

/** Verifies one merchant's requests; the checks come in the order the vendor makes them. */
export function createAuthorizer(wechat: SandboxConfig['wechat'], now: () => Date) {
  const merchantKey = createPublicKey(wechat.merchantCertPem);

  return function authorize(request: FastifyRequest): void {
    if (!header(request, 'accept') || !header(request, 'user-agent')) {
      throw new VendorError(400, 'INVALID_REQUEST', 'Http头缺少Accept或User-Agent');
    }
    const authorization = parseAuthorization(header(request, 'authorization'));
    const offByS = Math.abs(now().getTime() / 1000 - Number(authorization.timestamp));
    if (!(offByS <= TOLERANCE_S)) {
      throw signError('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟');
    }
    if (authorization.mchid !== wechat.mchid) {
      throw new VendorError(400, 'MCH_NOT_EXISTS', '商户号不存在');
    }
    if (authorization.serial_no.toUpperCase() !== wechat.merchantSerial) {
      throw signError('商户证书序列号有误。请使用签名私钥匹配的证书序列号');
    }
    const message = Buffer.concat([
      Buffer.from(`${request.method}\n${request.raw.url}\n${authorization.timestamp}\n${authorization.nonce_str}\n`),
      rawBody(request),
      Buffer.from('\n'),
    ]);
    const signature = Buffer.from(authorization.signature, 'base64');
    if (!verify('RSA-SHA256', message, merchantKey, signature)) {
      throw signError('签名错误，请检查后再试');
    }
  };
}

function parseAuthorization(text: string | undefined): Authorization {
  const malformed = signError('Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》');
  if (!text?.startsWith(SCHEME)) throw malformed;
  const parts = new Map<string, string>();
  for (const pair of text.slice(SCHEME.length).split(',')) {
    const match = /^([a-z_]+)="([^"]*)"$/.exec(pair);
    if (match?.[1] === undefined || match[2] === undefined) throw malformed;
    parts.set(match[1], match[2]);
  }
  const take = (field: (typeof FIELDS)[number]): string => {
    const value = parts.get(field);
    if (!value) throw malformed;
    return value;
  };
  return {
    mchid: take('mchid'),
    nonce_str: take('nonce_str'),
    signature: take('signature'),
    timestamp: take('timestamp'),
    serial_no: take('serial_no'),
  };
}

function signError(message: string): VendorError {
  return new VendorError(401, 'SIGN_ERROR', message);
}
