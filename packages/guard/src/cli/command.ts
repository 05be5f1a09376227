import type { ParseArgsOptionsConfig } from 'node:util';

/** Where a command writes, so that tests can read it. */
export type Io = {
  out: (text: string) => void;
  err: (text: string) => void;
  /** True on a terminal with colours. */
  hasColour: boolean;
  /** What a relative path is relative to. */
  cwd: string;
};

/** What was typed after the command's name. */
export type Typed = { words: readonly string[]; options: Readonly<Record<string, string | boolean | undefined>> };

/** One command of `billing-guard`. */
export type Command = {
  /** As in the help: `check <path>`. */
  usage: string;
  says: string;
  options: ParseArgsOptionsConfig;
  /** The exit code. */
  run: (typed: Typed, io: Io) => Promise<number>;
};

/** What was typed makes no sense; the message says what would. Exit code 3. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
