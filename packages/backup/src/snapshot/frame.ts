import { z } from 'zod';
import { BackupRefused } from '../sealed/refused.ts';

const shaText = z.string().regex(/^[0-9a-f]{64}$/);

/** What stands first in a backup. */
export const aboutSchema = z.object({
  format: z.literal(1),
  database: z.string(),
  server: z.string(),
  /** The moment that the snapshot is of, by the server's clock. */
  takenAt: z.iso.datetime(),
  tables: z.array(z.object({ name: z.string(), create: z.string() })),
  triggers: z.array(z.object({ name: z.string(), create: z.string() })),
  procedures: z.array(z.object({ name: z.string(), create: z.string() })),
});
export type About = z.infer<typeof aboutSchema>;

/** What stands last: rows of each table and the hash of all their values. */
export const sumsSchema = z.record(z.string(), z.object({ rows: z.int().nonnegative(), sha256: shaText }));
export type Sums = z.infer<typeof sumsSchema>;

/** `about` first, then each table's rows as statements, `sums` last. */
export type Frame =
  | { readonly kind: 'about'; readonly about: About }
  | { readonly kind: 'rows'; readonly table: string; readonly statement: string }
  | { readonly kind: 'sums'; readonly sums: Sums };

const HEAD_BYTES = 4;
const MOST_BYTES = 256 * 1_048_576;

/** A frame is its length in 4 bytes and JSON of that many. */
export function encodeFrame(frame: Frame): Buffer {
  const text = Buffer.from(JSON.stringify(frame), 'utf8');
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(text.length);
  return Buffer.concat([head, text]);
}

const frameSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('about'), about: aboutSchema }),
  z.object({ kind: z.literal('rows'), table: z.string(), statement: z.string() }),
  z.object({ kind: z.literal('sums'), sums: sumsSchema }),
]);

/** The frames of a stream, each as soon as it is whole. Throws BackupRefused for anything else. */
export async function* decodeFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const part of source) {
    held.push(part);
    bytes += part.length;
    for (let next = takeFrame(held, bytes); next !== undefined; next = takeFrame(held, bytes)) {
      held = [next.rest];
      bytes = next.rest.length;
      yield parseFrame(next.text);
    }
  }
  if (bytes > 0) throw new BackupRefused('it ends inside a frame');
}

function takeFrame(held: readonly Buffer[], bytes: number): { text: Buffer; rest: Buffer } | undefined {
  if (bytes < HEAD_BYTES) return undefined;
  const [first = Buffer.alloc(0)] = held;
  const head = first.length >= HEAD_BYTES ? first : Buffer.concat(held);
  const length = head.readUInt32BE();
  if (length > MOST_BYTES) throw new BackupRefused('a frame is too large');
  if (bytes < HEAD_BYTES + length) return undefined;
  const all = held.length === 1 ? first : Buffer.concat(held);
  return { text: all.subarray(HEAD_BYTES, HEAD_BYTES + length), rest: all.subarray(HEAD_BYTES + length) };
}

function parseFrame(text: Buffer): Frame {
  try {
    return frameSchema.parse(JSON.parse(text.toString('utf8')));
  } catch (error) {
    throw new BackupRefused('a frame can not be read', { cause: error });
  }
}
