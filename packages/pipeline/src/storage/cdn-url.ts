import { createHash, randomBytes } from 'node:crypto';

/** How the CDN in front of the bucket tells our addresses from made-up ones; the same is set in its console. */
export type CdnSettings = {
  /** Such as `https://files.example.cn`. */
  baseUrl: string;
  signing: 'A' | 'D';
  /** 6 to 40 letters and digits. */
  key: string;
  /** How long the console lets an address live after it was signed. */
  ttlSeconds: number;
};

const KEY = /^[A-Za-z0-9]{6,40}$/;

/** The signed address of an object. `rand` makes each address of type A another one; letters and digits, up to 100. */
export function cdnUrl(settings: CdnSettings, key: string, at: { now: Date; rand?: string }): string {
  if (!KEY.test(settings.key)) throw new RangeError('the CDN key needs 6 to 40 letters and digits');
  const path = `/${key.split('/').map(encodeURIComponent).join('/')}`;
  const timestamp = Math.floor(at.now.getTime() / 1000);
  const address = `${settings.baseUrl.replace(/\/$/, '')}${path}`;
  if (settings.signing === 'D') return `${address}?sign=${md5(`${settings.key}${path}${timestamp}`)}&t=${timestamp}`;
  const rand = at.rand ?? randomBytes(12).toString('hex');
  return `${address}?sign=${timestamp}-${rand}-0-${md5(`${path}-${timestamp}-${rand}-0-${settings.key}`)}`;
}

/** The vendor's choice: it guards a link that lives for minutes, nothing more. */
function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
