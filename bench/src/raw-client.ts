import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

export type RawAnswer = { status: number; body: string };
export type RawClient = { send(request: Buffer): Promise<RawAnswer>; close(): void };

type Pending = { resolve: (answer: RawAnswer) => void; reject: (error: Error) => void };

function parse(buffer: Buffer): { answer: RawAnswer; rest: Buffer } | undefined {
  const end = buffer.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = buffer.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const length = status === 204 ? 0 : Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(length)) throw new Error('the answer has no content-length');
  const bodyEnd = end + 4 + length;
  if (buffer.length < bodyEnd) return undefined;
  return {
    answer: { status, body: buffer.toString('utf8', end + 4, bodyEnd) },
    rest: buffer.subarray(bodyEnd),
  };
}

/** One kept-alive connection with one request at a time: cheap enough that the load does not starve what it measures. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let buffer: Buffer = Buffer.alloc(0);
  let pending: Pending | undefined;
  const fail = (error: Error): void => pending?.reject(error);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  socket.on('data', (chunk: Buffer) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    const parsed = parse(buffer);
    if (parsed === undefined) return;
    buffer = parsed.rest;
    pending?.resolve(parsed.answer);
  });
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        pending = { resolve, reject };
        socket.write(request);
      }),
    close: () => void socket.destroy(),
  };
}

/** The bytes of a JSON POST with these headers. */
export function postJson(path: string, headers: Readonly<Record<string, string>>, body: unknown): Buffer {
  const text = JSON.stringify(body);
  const lines = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/json',
    ...headers,
    'content-length': String(Buffer.byteLength(text)),
  });
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`,
  );
}
