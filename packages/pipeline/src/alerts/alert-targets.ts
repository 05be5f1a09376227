import type { Address, Post, Sealed } from '@yunshang/billing';
import { openCredentials, sealCredentials, type ProviderKeys } from '../credentials/credentials.ts';
import { createVendorHttp } from '../providers/vendor-http.ts';

/** No provider's name has a colon: what is sealed for a target opens for nothing else. */
const contextOf = (targetId: string): string => `alert-target:${targetId}`;

export function sealAddress(keys: ProviderKeys, targetId: string, { url, secret }: Address): Sealed {
  const kept = secret === null ? { url } : { url, secret };
  const sealed = sealCredentials(keys, contextOf(targetId), kept);
  return { bytes: sealed.credentials_enc, keyVersion: sealed.credentials_key_version };
}

/** Throws when it does not open. */
export function openAddress(keys: ProviderKeys, targetId: string, { bytes, keyVersion }: Sealed): Address {
  const sealed = { credentials_enc: bytes, credentials_key_version: keyVersion };
  const { url, secret = null } = openCredentials(keys, contextOf(targetId), sealed);
  if (url === undefined) throw new Error('the target has no address');
  return { url, secret };
}

const TIMEOUT_MS = 5_000;
/** Robots answer with a line. */
const MAX_BYTES = 64 * 1024;

/** Speaks to the targets of alerts by the rules for vendors: https to public addresses; a redirect is an answer like any other. */
export function createAlertPost({ devHosts }: { devHosts: readonly string[] }): Post {
  const http = createVendorHttp({ devHosts });
  return (url, { headers, body }) =>
    http.request({
      method: 'POST',
      url,
      headers,
      body,
      hosts: [new URL(url).hostname],
      maxBytes: MAX_BYTES,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
}
