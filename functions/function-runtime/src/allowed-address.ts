/**
 * The address, if its origin is on the list; undefined otherwise. `https://*.example.com` allows hosts below `example.com` on
 * the same port, never `example.com` itself. Addresses with a user or password in them are refused.
 */
export function allowedAddress(address: string, origins: readonly string[]): URL | undefined {
  const url = tryUrl(address);
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  return origins.some((origin) => isWithin(url, origin)) ? url : undefined;
}

function isWithin(url: URL, origin: string): boolean {
  const wildcard = /^(https?:\/\/)\*(\..+)$/.exec(origin);
  if (wildcard === null) return url.origin === new URL(origin).origin;
  const [, scheme = '', rest = ''] = wildcard;
  const parent = new URL(`${scheme}x${rest}`);
  const suffix = parent.hostname.slice(1);
  return url.protocol === parent.protocol && url.port === parent.port && url.hostname.endsWith(suffix);
}

function tryUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
