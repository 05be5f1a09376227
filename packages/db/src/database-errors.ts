const DUPLICATE = 1062;
/** MariaDB and MySQL number a broken CHECK differently. */
const CHECK_VIOLATIONS = new Set([4025, 3819]);
const DEADLOCK = 1213;
const LOCK_TIMEOUT = 1205;
/** The server is going down, or somebody ended the connection there (MariaDB says 1927 to the statement under way). */
const LOST_NUMBERS = new Set([1053, 1927]);
const LOST = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ENOENT', 'ETIMEDOUT']);

type DriverError = Error & { errno?: number; code?: string; sqlMessage?: string };

function isDriverError(error: unknown): error is DriverError {
  return error instanceof Error && ('errno' in error || 'code' in error);
}

/** A unique key refused the row; with `key`, that key. */
export function isDuplicate(error: unknown, key?: string): boolean {
  return (
    isDriverError(error) && error.errno === DUPLICATE && (key === undefined || (error.sqlMessage ?? '').includes(key))
  );
}

/** A CHECK refused the row; with `name`, that CHECK. */
export function isCheckViolation(error: unknown, name?: string): boolean {
  return (
    isDriverError(error) &&
    error.errno !== undefined &&
    CHECK_VIOLATIONS.has(error.errno) &&
    (name === undefined || (error.sqlMessage ?? '').includes(name))
  );
}

/** Rolled back by the server through no fault of the statement: the same work can be tried again. */
export function isTransient(error: unknown): boolean {
  return isDriverError(error) && (error.errno === DEADLOCK || error.errno === LOCK_TIMEOUT);
}

/** The connection went away: whether the last statement took effect is unknown. */
export function isConnectionLost(error: unknown): boolean {
  if (!isDriverError(error)) return isClosed(error);
  return (
    (error.code !== undefined && LOST.has(error.code)) || (error.errno !== undefined && LOST_NUMBERS.has(error.errno))
  );
}

/** What the driver answers on a connection that it knows to be closed: an error without code or number. */
function isClosed(error: unknown): boolean {
  return error instanceof Error && 'fatal' in error && error.fatal === true;
}

/** What may be logged of a database error: never the statement, which carries members' input. */
export function loggableDatabaseError(error: unknown): { errno?: number; code?: string; message: string } | undefined {
  if (!isDriverError(error) || !('sqlState' in error)) return undefined;
  return {
    ...(error.errno === undefined ? {} : { errno: error.errno }),
    ...(error.code === undefined ? {} : { code: error.code }),
    message: 'database error',
  };
}
