import COS from 'cos-nodejs-sdk-v5';

export type CosSettings = {
  /** The account's permanent key; it signs downloads and never leaves the server. */
  secretId: string;
  secretKey: string;
  /** `name-appid`. */
  bucket: string;
  region: string;
  timeoutMs: number;
  /**
   * What is larger goes up in parts of this size, at least 1 MiB, each kept in memory and sent within `timeoutMs`. When absent what one PUT takes
   * (5 GiB) is one PUT, which holds nothing in memory, and what is larger goes up in parts of 32 MiB.
   */
  partBytes?: number;
  /** Another host than the vendor's, such as `127.0.0.1:4600/{Bucket}`; for development. */
  domain?: string;
  protocol?: 'http:' | 'https:';
  /** Another host than the vendor's for the token service, such as `127.0.0.1:4600`; for development. */
  apiEndpoint?: string;
  apiProtocol?: 'http://' | 'https://';
};

/** What is known of a failed call; never its URL or headers, which carry signatures. */
export class CosCallFailed extends Error {
  override readonly name = 'CosCallFailed';
  /** HTTP status answered; undefined when there was no answer, so the outcome is unknown. */
  readonly status: number | undefined;
  readonly code: string;

  constructor(action: string, error: { status: number | undefined; code: string }) {
    super(`cos ${action}: ${error.status ?? 'no answer'} ${error.code}`);
    this.status = error.status;
    this.code = error.code;
  }
}

/** The vendor's client: with a time-out, on our host, and deaf to http_proxy of the environment. */
export function createCosClient(settings: CosSettings): COS {
  const cos = new COS({
    SecretId: settings.secretId,
    SecretKey: settings.secretKey,
    Timeout: settings.timeoutMs,
    // Its other host answers for the same bucket only on the public cloud, and would double a paid call.
    AutoSwitchHost: false,
    ...(settings.domain === undefined ? {} : { Domain: settings.domain }),
    ...(settings.protocol === undefined ? {} : { Protocol: settings.protocol }),
  });
  cos.on('before-send', (request: { proxy?: null }) => {
    request.proxy = null;
  });
  return cos;
}

/** The bucket's own address of a key, without a query. */
export function objectUrl(settings: CosSettings, key: string): string {
  const template = settings.domain ?? '{Bucket}.cos.{Region}.myqcloud.com';
  const host = template.replace('{Bucket}', settings.bucket).replace('{Region}', settings.region);
  return `${settings.protocol ?? 'https:'}//${host}/${key}`;
}

/** Turns whatever the client throws into CosCallFailed. */
export function cosFailure(action: string, error: unknown): CosCallFailed {
  if (error instanceof CosCallFailed) return error;
  const fields: { statusCode?: unknown; code?: unknown } = typeof error === 'object' && error !== null ? error : {};
  return new CosCallFailed(action, {
    status: typeof fields.statusCode === 'number' ? fields.statusCode : undefined,
    code: typeof fields.code === 'string' ? fields.code : 'unknown',
  });
}

/** True when the vendor says that the object is not there. A HEAD answer has no body, so only its status says it. */
export function isNoSuchKey(error: CosCallFailed): boolean {
  return error.status === 404 && error.code !== 'NoSuchBucket';
}
