import { isAppError } from '@yunshang/contracts';
import { loggableDatabaseError } from '@yunshang/db';
import { pino, type DestinationStream, type Logger } from 'pino';

/** Members whose value never reaches a log, at the top of the fields and one and two levels down. */
const SECRET_FIELDS = [
  'phone',
  'token',
  'accessToken',
  'refreshToken',
  'code_hash',
  'smsCode',
  'authorization',
  'cookie',
  'credentials',
  'password',
  'secret',
  'secretId',
  'secretKey',
  'apiV3Key',
  'privateKey',
  'signature',
  'payload',
  'codeUrl',
];
const DEEPEST_CAUSE = 4;

/** JSON lines without phones, tokens, keys or the queries of signed URLs. */
export function createLog(options: { level: string; file?: string | undefined }, stream?: DestinationStream): Logger {
  const destination = stream ?? pino.destination(options.file === undefined ? 1 : { dest: options.file, mkdir: true });
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => loggableError(error, 0), reason: cleanText },
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      hooks: {
        logMethod(args, method) {
          // pino would take a bare error's own message as the line's, past its serializer.
          const [first] = args;
          const bare: unknown = first;
          if (bare instanceof Error) Reflect.apply(method, this, [{ err: bare }, 'error']);
          else method.apply(this, args);
        },
      },
    },
    destination,
  );
}

type LoggableError = {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: LoggableError;
  errors?: LoggableError[];
};

/** What may be said of an error: of a database error never the statement, which carries members' input. */
export function loggableError(error: unknown, depth: number): LoggableError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something other than an Error was thrown' };
  const database = loggableDatabaseError(error);
  if (database !== undefined)
    return { type: error.name, message: database.message, code: database.code ?? String(database.errno) };
  const goesOn = depth < DEEPEST_CAUSE;
  return {
    type: error.name,
    message: cleanText(error.message),
    ...codeOf(error),
    stack: framesOf(error),
    ...(error.cause === undefined || !goesOn ? {} : { cause: loggableError(error.cause, depth + 1) }),
    ...(error instanceof AggregateError && goesOn
      ? { errors: error.errors.slice(0, 5).map((one) => loggableError(one, depth + 1)) }
      : {}),
  };
}

function codeOf(error: Error): { code?: string } {
  if (isAppError(error)) return { code: error.code };
  // Error codes are names such as ECONNREFUSED; digits could be somebody's sign-in code.
  return 'code' in error && typeof error.code === 'string' && /^[A-Za-z_.]+$/.test(error.code)
    ? { code: error.code }
    : {};
}

/** The stack without its first lines, which repeat the message. */
function framesOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return frames.slice(0, 12).join('\n');
}

/** Takes phones, tokens, keys and the queries of URLs out of running text. */
export function cleanText(text: unknown): string {
  return String(text)
    .replaceAll(/(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]*/g, '$1?[redacted]')
    .replaceAll(/(?<![0-9A-Za-z])(?:\+?86)?1[3-9]\d{9}(?![0-9A-Za-z])/g, '[phone]')
    .replaceAll(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[token]')
    .replaceAll(/\b(Bearer)\s+[\w.~+/=-]+/gi, '$1 [token]')
    .replaceAll(/\bAKID\w{8,}/g, '[key]');
}
