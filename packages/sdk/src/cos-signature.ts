import type { BeganUpload } from './types.ts';

const text = new TextEncoder();

/** Headers of a signed COS PUT: HMAC-SHA1 over method, path and the headers that fix size and type, with the temporary key. */
export async function signedPutHeaders(upload: BeganUpload, sizeBytes: number): Promise<Record<string, string>> {
  const { credentials, contentType, signedPath } = upload;
  const signed: [string, string][] = [
    ['content-length', String(sizeBytes)],
    ['content-type', contentType],
    ['host', new URL(upload.url).host],
  ];
  const keyTime = `${credentials.startTime};${credentials.expiredTime}`;
  const signKey = await hmacSha1(credentials.secretKey, keyTime);
  const headers = signed.map(([name, value]) => `${name}=${encode(value)}`).join('&');
  const httpString = `put\n${signedPath}\n\n${headers}\n`;
  const signature = await hmacSha1(signKey, `sha1\n${keyTime}\n${await sha1(httpString)}\n`);
  const authorization = [
    'q-sign-algorithm=sha1',
    `q-ak=${credentials.secretId}`,
    `q-sign-time=${keyTime}`,
    `q-key-time=${keyTime}`,
    `q-header-list=${signed.map(([name]) => name).join(';')}`,
    'q-url-param-list=',
    `q-signature=${signature}`,
  ].join('&');
  return { authorization, 'content-type': contentType, 'x-cos-security-token': credentials.sessionToken };
}

async function hmacSha1(key: string, message: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-1' };
  const imported = await crypto.subtle.importKey('raw', text.encode(key), algorithm, false, ['sign']);
  return hex(await crypto.subtle.sign('HMAC', imported, text.encode(message)));
}

async function sha1(message: string): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-1', text.encode(message)));
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** As COS encodes: also `!'()*`. */
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
