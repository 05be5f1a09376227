export {
  connect,
  inTransaction,
  SILENCE_MS,
  type ConnectOptions,
  type Database,
  type Db,
  type Tx,
} from './database.ts';
export { poolOptions } from './database-url.ts';
export {
  isCheckViolation,
  isConnectionLost,
  isDuplicate,
  isTransient,
  loggableDatabaseError,
} from './database-errors.ts';
export { fromJson, toJson } from './json.ts';
export { openRaw, type RawColumn, type RawDatabase, type RawRow, type RawRows, type RawSession } from './raw.ts';
export { openLanes, sqlList, sqlValue, type Lanes, type ResultRows, type Send } from './lanes.ts';
export { migrate, pendingMigrations } from './migrate.ts';
export { FIRST_DAY } from './seed/first-day.ts';
export { seed } from './seed/seed.ts';
export {
  buryJob,
  failJob,
  finishJob,
  holdJob,
  postponeJob,
  promiseJob,
  promiseJobs,
  promiseJobsSql,
  returnJobs,
  takeJobs,
  type JobOwner,
  type OutboxRow,
} from './outbox.ts';
export { listJobKinds, listTurns, type Room } from './turns.ts';
export { hourOf, raiseAlert, type Alert } from './alerts.ts';
export { recordAudit, type Actor } from './audit.ts';
export { SHANGHAI_OFFSET_MS, shanghaiDay, systemClock, type Clock } from './clock.ts';
export { idFloor, newId } from './ids.ts';
export type * from './schema.gen.ts';
