/** The part of a pino logger this room uses. What is logged never holds a phone, code, token or key. */
export type Log = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
};
