import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { scf } from 'tencentcloud-sdk-nodejs-scf';
import { BUSY, ProviderFailure } from '../provider.ts';

export type ScfAccount = {
  secretId: string;
  secretKey: string;
  region: string;
  timeoutMs: number;
  /** Another host than the vendor's, such as `127.0.0.1:4600`; for development. */
  apiEndpoint?: string;
  apiProtocol?: 'http://' | 'https://';
};

export type Invoke = (event: {
  functionName: string;
  namespace: string;
  qualifier: string | undefined;
  body: string;
}) => Promise<void>;

/** Invokes without waiting for the function. Throws ProviderFailure. */
export function createInvoke(account: ScfAccount): Invoke {
  const protocol = account.apiProtocol ?? 'https://';
  const client = new scf.v20180416.Client({
    credential: { secretId: account.secretId, secretKey: account.secretKey },
    region: account.region,
    profile: {
      httpProfile: {
        protocol,
        // An agent of our own keeps the client from using http_proxy of the environment.
        agent: protocol === 'http://' ? new HttpAgent() : new HttpsAgent(),
        reqTimeout: account.timeoutMs / 1000,
        ...(account.apiEndpoint === undefined ? {} : { endpoint: account.apiEndpoint }),
      },
    },
  });
  return async ({ functionName, namespace, qualifier, body }) => {
    try {
      await client.Invoke({
        FunctionName: functionName,
        InvocationType: 'Event',
        Namespace: namespace,
        ...(qualifier === undefined ? {} : { Qualifier: qualifier }),
        ClientContext: body,
      });
    } catch (error) {
      throw toFailure(error);
    }
  };
}

const NEVER_SENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/;
/** Keys, rights, money, or a function that is not deployed. */
const OURS =
  /^(AuthFailure|UnauthorizedOperation|ResourceNotFound|InvalidParameter|FailedOperation\.(InsufficientBalance|FunctionStatusError)|UnsupportedOperation)|Balance|Arrears/;
const FULL = /^(LimitExceeded|RequestLimitExceeded|ResourceUnavailable|ResourceInsufficient)/;
const UNBILLED = { costMicroYuan: 0 } as const;

/** The vendor's code alone: its errors carry the request. */
function toFailure(error: unknown): ProviderFailure {
  const fields: { code?: unknown; httpCode?: unknown; message?: unknown } =
    typeof error === 'object' && error !== null ? error : {};
  const code = typeof fields.code === 'string' ? fields.code : '';
  const status = typeof fields.httpCode === 'number' ? fields.httpCode : undefined;
  if (NEVER_SENT.test(`${code} ${String(fields.message)}`))
    return new ProviderFailure('vendor', 'unreachable', UNBILLED);
  if (OURS.test(code)) return new ProviderFailure('our_account', `scf_${code.slice(0, 60)}`, UNBILLED);
  if (FULL.test(code) || status === 429) return new ProviderFailure('vendor', BUSY, UNBILLED);
  if (status !== undefined && status !== 502 && status !== 504) return new ProviderFailure('vendor', `http_${status}`);
  if (code.startsWith('InternalError')) return new ProviderFailure('vendor', 'scf_internal');
  return new ProviderFailure('unknown_outcome', 'no_answer');
}
