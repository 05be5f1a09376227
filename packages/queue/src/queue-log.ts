/** What the queue says about itself; a pino logger fits. */
export type QueueLog = {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
};

export const silentLog: QueueLog = { info() {}, warn() {}, error() {} };
