import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { sms } from 'tencentcloud-sdk-nodejs-sms';

/** One application of Tencent Cloud SMS, and how it is reached. */
export type SmsApplication = {
  secretId: string;
  secretKey: string;
  region: string;
  sdkAppId: string;
  /** `host:port` in place of the vendor's own host. */
  endpoint?: string;
  protocol?: 'http://' | 'https://';
  timeoutSeconds: number;
};

/**
 * An agent of our own: without one the SDK sends everything through `http_proxy` of the environment, even to loopback.
 * Each message has its own connection, as one that went stale could not be told from one that broke after sending.
 */
export function smsClient({ secretId, secretKey, region, ...rest }: SmsApplication) {
  const { endpoint, protocol = 'https://', timeoutSeconds } = rest;
  const agent = protocol === 'http://' ? new HttpAgent({ keepAlive: false }) : new HttpsAgent({ keepAlive: false });
  return new sms.v20210111.Client({
    credential: { secretId, secretKey },
    region,
    profile: {
      httpProfile: { protocol, reqTimeout: timeoutSeconds, agent, ...(endpoint === undefined ? {} : { endpoint }) },
    },
  });
}
