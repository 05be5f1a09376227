import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AppError } from '@yunshang/contracts';
import { sts } from 'tencentcloud-sdk-nodejs-sts';
import { z } from 'zod';
import { objectUrl, type CosSettings } from './cos-client.ts';
import type { Storage } from './storage.ts';

/** Long enough for 10 MB over a slow line, since the vendor looks at the time when the upload begins. */
const LIFETIME_SECONDS = 900;

const answerSchema = z.object({
  Credentials: z.object({ Token: z.string(), TmpSecretId: z.string(), TmpSecretKey: z.string() }),
  ExpiredTime: z.number(),
});

/** Asks the token service for keys that can PUT one object: this key, this size, this type, nothing else. */
export function createUploadGrants(settings: CosSettings): Storage['uploadGrant'] {
  const protocol = settings.apiProtocol ?? 'https://';
  const client = new sts.v20180813.Client({
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
  return async ({ key, contentType, bytes, now }) => {
    const policy = uploadPolicy(settings, { key, contentType, bytes });
    const answer = await client
      .GetFederationToken({
        Name: 'yunshang-upload',
        Policy: encodeURIComponent(JSON.stringify(policy)),
        DurationSeconds: LIFETIME_SECONDS,
      })
      .then((body) => answerSchema.parse(body))
      .catch((error: unknown) => {
        throw new AppError('STORAGE_UNAVAILABLE', {}, { cause: stsFailure(error) });
      });
    return {
      url: objectUrl(settings, key),
      signedPath: `/${key}`,
      credentials: {
        secretId: answer.Credentials.TmpSecretId,
        secretKey: answer.Credentials.TmpSecretKey,
        sessionToken: answer.Credentials.Token,
        startTime: Math.floor(now.getTime() / 1000),
        expiredTime: answer.ExpiredTime,
      },
    };
  };
}

function uploadPolicy(settings: CosSettings, object: { key: string; contentType: string; bytes: number }): unknown {
  const appId = settings.bucket.slice(settings.bucket.lastIndexOf('-') + 1);
  return {
    version: '2.0',
    statement: [
      {
        effect: 'allow',
        action: ['name/cos:PutObject'],
        resource: [`qcs::cos:${settings.region}:uid/${appId}:${settings.bucket}/${object.key}`],
        condition: {
          numeric_equal: { 'cos:content-length': object.bytes },
          string_equal: { 'cos:content-type': object.contentType },
        },
      },
    ],
  };
}

/** The vendor's code alone: its errors carry the request. */
function stsFailure(error: unknown): Error {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no answer';
  return new Error(`sts GetFederationToken: ${code}`);
}
