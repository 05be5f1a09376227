import COS from 'cos-nodejs-sdk-v5';
import { sts } from 'tencentcloud-sdk-nodejs-sts';
import type { RunningSandbox } from './sandbox.ts';

export type CosKeys = { SecretId: string; SecretKey: string; SecurityToken?: string };

/** The real SDK, pointed at the sandbox in path style. */
export function cosClient(sandbox: RunningSandbox, keys?: CosKeys, timeoutMs = 5_000): COS {
  const { tencentSecretId: SecretId, tencentSecretKey: SecretKey } = sandbox.client;
  return new COS({
    ...(keys ?? { SecretId, SecretKey }),
    Domain: `${sandbox.host}/{Bucket}`,
    Protocol: 'http:',
    Timeout: timeoutMs,
  });
}

export function place(sandbox: RunningSandbox): { Bucket: string; Region: string } {
  return { Bucket: sandbox.client.bucket, Region: sandbox.client.region };
}

/** The resource name of a key, as policies write it. */
export function resourceOf(sandbox: RunningSandbox, key: string): string {
  const { bucket, region } = sandbox.client;
  return `qcs::cos:${region}:uid/${bucket.slice(bucket.lastIndexOf('-') + 1)}:${bucket}/${key}`;
}

type Statement = {
  effect: 'allow' | 'deny';
  action: string[];
  resource: string[];
  condition?: Record<string, unknown>;
};

/** Temporary keys by the real STS SDK. */
export async function temporaryKeys(sandbox: RunningSandbox, statement: Statement[], seconds = 900): Promise<CosKeys> {
  const policy = encodeURIComponent(JSON.stringify({ version: '2.0', statement }));
  const answer = await stsClient(sandbox).GetFederationToken({
    Name: 'upload',
    Policy: policy,
    DurationSeconds: seconds,
  });
  const { TmpSecretId = '', TmpSecretKey = '', Token = '' } = answer.Credentials ?? {};
  return { SecretId: TmpSecretId, SecretKey: TmpSecretKey, SecurityToken: Token };
}

export function stsClient(sandbox: RunningSandbox, secretKey = sandbox.client.tencentSecretKey) {
  return new sts.v20180813.Client({
    credential: { secretId: sandbox.client.tencentSecretId, secretKey },
    region: sandbox.client.region,
    profile: { httpProfile: { endpoint: sandbox.host, protocol: 'http://', reqTimeout: 5 } },
  });
}

/** A presigned GET, by the callback: the value returned at once encodes a list differently. */
export function presignedGet(cos: COS, params: COS.GetObjectUrlParams): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  cos.getObjectUrl({ Sign: true, ...params }, (error, data) => (error ? reject(error) : resolve(data.Url)));
  return promise;
}
