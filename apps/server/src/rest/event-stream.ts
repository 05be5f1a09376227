import { isTrackedEnvelope } from '@trpc/server';
import { errorEnvelope } from '@yunshang/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PassThrough } from 'node:stream';
import { asAppError } from '../errors/as-app-error.ts';
import { logError } from '../errors/error-answer.ts';

const PING_MS = 10_000;

/** Sends what a subscription yields as plain server-sent events: `id` and `data` each; a failure as `event: failure`. */
export function sendEvents(request: FastifyRequest, reply: FastifyReply, events: unknown): FastifyReply {
  const body = new PassThrough();
  body.write(': open\n\n');
  const ping = setInterval(() => body.write(': ping\n\n'), PING_MS);
  body.once('close', () => clearInterval(ping));
  void write(request, body, events);
  return reply
    .header('content-type', 'text/event-stream')
    .header('cache-control', 'no-cache, no-transform')
    .header('x-accel-buffering', 'no')
    .send(body);
}

async function write(request: FastifyRequest, body: PassThrough, events: unknown): Promise<void> {
  try {
    if (!isAsyncIterable(events)) throw new Error('a subscription gave no events');
    for await (const event of events) {
      const [id, data] = isTrackedEnvelope(event) ? event : [undefined, event];
      body.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
    }
  } catch (thrown) {
    const isDraining = thrown instanceof DOMException && thrown.name === 'AbortError';
    if (!isDraining) fail(request, body, thrown);
  } finally {
    body.end();
  }
}

function fail(request: FastifyRequest, body: PassThrough, thrown: unknown): void {
  const error = asAppError(thrown);
  logError(request.log, error);
  body.write(`event: failure\ndata: ${JSON.stringify(errorEnvelope(error.code, error.details, request.id))}\n\n`);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
