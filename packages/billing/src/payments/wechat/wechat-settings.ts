/** Who we are at WeChat Pay, and the keys on both sides. */
export type WechatSettings = {
  mchid: string;
  appid: string;
  /** Serial of the merchant's API certificate, upper-case hex. */
  merchantSerial: string;
  merchantPrivateKeyPem: string;
  merchantCertPem: string;
  /** 32 bytes as text: opens notifications. */
  apiV3Key: string;
  /**
   * WeChat Pay's keys by serial: a public key under its `PUB_KEY_ID_…`, a platform certificate under its own serial. While
   * WeChat Pay moves from one to the other both are needed.
   */
  platformKeys: Readonly<Record<string, string>>;
  /** https, no query string. */
  notifyUrl: string;
  /** Where the API is; WeChat Pay itself unless told. */
  baseUrl?: string;
  timeoutMs: number;
};

/** What an order or a payment is compared with. */
export type Merchant = Pick<WechatSettings, 'mchid' | 'appid'>;
