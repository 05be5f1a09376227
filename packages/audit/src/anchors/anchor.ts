import { hash, sign, verify } from 'node:crypto';
import { z } from 'zod';
import type { SigningKey, VerifyingKeys } from './anchor-keys.ts';

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const body = z.strictObject({
  v: z.literal(1),
  /** 1, 2, 3 … */
  n: z.int().positive(),
  at: z.iso.datetime(),
  /** The last block, its hash, and the rows of each source that the chain held then. */
  block: z.int().positive(),
  chain: hex,
  rows: z.record(z.string(), z.int().nonnegative()),
  /** SHA-256 of the line of the anchor before; zeros for the first. */
  prev: hex,
  key: z.string(),
});
const signed = body.extend({ sig: z.base64() });

/** The head of the chain at a time, as it was signed. */
export type Anchor = Omit<z.infer<typeof body>, 'at'> & { at: Date };
/** An anchor as it is written to places: one line of JSON without its end. */
export type AnchorLine = { readonly n: number; readonly line: string };

export const NO_ANCHOR = '0'.repeat(64);

/** What the next anchor gives as `prev`. */
export function hashLine(line: string): string {
  return hash('sha256', line, 'hex');
}

/** Signs the anchor: Ed25519 over the JSON text that ends before `sig`. */
export function signAnchor(anchor: Omit<Anchor, 'v' | 'key'>, key: SigningKey): string {
  const text = JSON.stringify(
    body.parse({
      v: 1,
      n: anchor.n,
      at: anchor.at.toISOString(),
      block: anchor.block,
      chain: anchor.chain,
      rows: anchor.rows,
      prev: anchor.prev,
      key: key.id,
    }),
  );
  const sig = sign(null, Buffer.from(text, 'utf8'), key.privateKey).toString('base64');
  return `${text.slice(0, -1)},"sig":"${sig}"}`;
}

/** The anchor on the line if one of our keys signed exactly this text; else what is wrong with it. */
export function readAnchor(line: string, keys: VerifyingKeys): { anchor: Anchor } | { wrong: string } {
  const parsed = signed.safeParse(parseJson(line));
  if (!parsed.success) return { wrong: 'not an anchor' };
  const { sig, at, ...rest } = parsed.data;
  const key = keys.get(rest.key);
  if (key === undefined) return { wrong: `signed with the unknown key ${rest.key}` };
  const mark = `,"sig":"${sig}"}`;
  if (!line.endsWith(mark)) return { wrong: 'not an anchor' };
  const text = `${line.slice(0, -mark.length)}}`;
  if (!verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(sig, 'base64')))
    return { wrong: 'its signature is not ours' };
  return { anchor: { ...rest, at: new Date(at) } };
}

/** The number a line gives itself, whether or not it is to be believed. */
export function claimedNumber(line: string): number | undefined {
  const parsed = z.object({ n: z.int().positive() }).safeParse(parseJson(line));
  return parsed.success ? parsed.data.n : undefined;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
