import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CallLog } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { FaultBoard } from '../faults.ts';
import { runVendorCall, VendorError } from '../vendor-call.ts';
import { assertKnownSerial, refusal, signedAnswer, type Success } from './answers.ts';
import { createAuthorizer } from './authorization.ts';
import { paramError } from './order-request.ts';
import { signTestProbe } from './platform-signature.ts';
import type { Wechat } from './wechat.ts';

export type MerchantApiDeps = {
  config: SandboxConfig;
  faults: FaultBoard;
  log: CallLog;
  now: () => Date;
  wechat: Wechat;
};

export type MerchantCall = {
  action: string;
  outTradeNo?: string | undefined;
  outRefundNo?: string | undefined;
  /** The effect; what it returns is signed. Throws a VendorError to refuse. */
  perform: () => Success | Promise<Success>;
};

/** What every call of the merchant API shares: the request's signature, faults, the answer's signature, the log. */
export type MerchantApi = (request: FastifyRequest, reply: FastifyReply, call: MerchantCall) => Promise<FastifyReply>;

export function createMerchantApi(deps: MerchantApiDeps): MerchantApi {
  const { config, faults, now, wechat } = deps;
  const authorize = createAuthorizer(config.wechat, now);
  return (request, reply, { action, outTradeNo, outRefundNo, perform }) => {
    const ids = {
      ...(outTradeNo === undefined ? {} : { outTradeNo }),
      ...(outRefundNo === undefined ? {} : { outRefundNo }),
    };
    const target = { vendor: 'wechat', action, ids } as const;
    return runVendorCall(deps, reply, {
      ...target,
      authenticate() {
        authorize(request);
        assertKnownSerial(request, wechat.signer);
      },
      async perform() {
        const answer = signedAnswer(request, { signer: wechat.signer, now }, await perform());
        if (faults.take(target, ['answer_bad_signature']) === undefined) return answer;
        return { ...answer, headers: { ...answer.headers, 'Wechatpay-Signature': signTestProbe() } };
      },
      refuse: refusal,
    });
  };
}

/** The merchant named in a body or query must be the one that signed. */
export function assertOwnMchid(config: SandboxConfig, mchid: unknown): void {
  if (typeof mchid !== 'string' || mchid === '') throw paramError('/mchid', mchid, '此字段为必填项或类型不符');
  if (mchid !== config.wechat.mchid) {
    throw new VendorError(400, 'INVALID_REQUEST', '请求中的商户号与Http头Authorization中的mchid不一致');
  }
}
