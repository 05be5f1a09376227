import { loggableDatabaseError } from '@yunshang/db';
import { pino, type DestinationStream, type Logger } from 'pino';

/** The part of a logger the edge writes to; Fastify's request loggers have it too. */
export type RequestLog = {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
};

const SECRET_NAME = /authorization|cookie|phone|token|secret|password|passwd|pem$|keys?$|signature|smscode/i;
const DEPTH = 6;

/** JSON lines with phones, codes, tokens, keys and the queries of URLs taken out, however deep they sit. */
export function createLog(options: { level: string; file?: string | undefined }, stream?: DestinationStream): Logger {
  // Lines are written together: one write() a line would cost as much as a tenth of a request. They are flushed on exit.
  const together = { sync: false, minLength: 4096, periodicFlush: 250 };
  const target = options.file === undefined ? { dest: 1 } : { dest: options.file, mkdir: true };
  const destination = stream ?? pino.destination({ ...target, ...together });
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      serializers: { err: (value: unknown) => value },
      hooks: {
        // pino would take an error's own message as the line's message, past the redaction of its fields.
        logMethod(args, method): void {
          const [first, ...rest] = args;
          const bare: unknown = first;
          if (bare instanceof Error) {
            Reflect.apply(method, this, [{ err: bare }, 'error']);
            return;
          }
          const cleaned = rest.map((part: unknown) => (typeof part === 'string' ? redactText(part) : part));
          Reflect.apply(method, this, [typeof first === 'string' ? redactText(first) : first, ...cleaned]);
        },
      },
    },
    destination,
  );
}

/** A copy of the fields fit for a log. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redact(name, value, DEPTH)]));
}

function redact(name: string, value: unknown, depth: number): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (SECRET_NAME.test(name)) return '[redacted]';
  if (typeof value === 'number') return value;
  if (typeof value === 'string')
    return /code$/i.test(name) && /^\d{4,8}$/.test(value) ? '[redacted]' : redactText(value);
  if (value instanceof Error) return loggableError(value, depth);
  if (Buffer.isBuffer(value)) return `[${value.length} bytes]`;
  if (value instanceof Date) return value.toISOString();
  if (depth === 0 || typeof value !== 'object') return '[…]';
  if (Array.isArray(value)) return value.map((item) => redact(name, item, depth - 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return `[${value.constructor?.name ?? 'object'}]`;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(key, inner, depth - 1)]));
}

/** An error without the data it may carry: of a database error never the statement or its values. */
function loggableError(error: Error, depth: number): Record<string, unknown> {
  const database = loggableDatabaseError(error);
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    type: error.name,
    ...(database ?? { message: redactText(error.message) }),
    ...('code' in error && database === undefined ? { code: redact('errorName', error.code, 0) } : {}),
    stack: redactText(frames.slice(0, 12).join('\n')),
    ...(error.cause === undefined || depth === 0 ? {} : { cause: redact('cause', error.cause, depth - 1) }),
  };
}

/** Takes phones, tokens and the queries of URLs out of running text. */
export function redactText(text: string): string {
  return text
    .replaceAll(/((?:https?|wss?):\/\/[^\s?"'<>]+|(?<=^|\s)\/[^\s?"'<>]*)\?[^\s"'<>]*/g, '$1?[redacted]')
    .replaceAll(/(?<![0-9A-Za-z])(?:\+?86)?1[3-9]\d{9}(?![0-9A-Za-z])/g, '[phone]')
    .replaceAll(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[token]')
    .replaceAll(/\b(Bearer)\s+[\w.~+/=-]+/gi, '$1 [token]')
    .replaceAll(/\bAKID\w{8,}/g, '[key]');
}
