import type { Stack } from '@yunshang/devstack';
import { isYunshangError } from '@yunshang/sdk';

/** Runs and prints the steps of a story as they happen; the first that fails ends the story. */
export type Steps = {
  step<T>(zh: string, en: string, work: () => Promise<{ value: T; note: string }>): Promise<T>;
};

export function printSteps(write: (line: string) => void): Steps {
  let count = 0;
  return {
    async step(zh, en, work) {
      count += 1;
      const label = `${String(count).padStart(2)}. ${zh} · ${en}`;
      const from = performance.now();
      const time = (): string => `${String(Math.round(performance.now() - from)).padStart(6)} ms`;
      try {
        const { value, note } = await work();
        write(`${time()}  ✓ ${label}${note === '' ? '' : `: ${note}`}`);
        return value;
      } catch (error) {
        write(`${time()}  ✗ ${label}: ${error instanceof Error ? error.message : String(error)}`);
        throw error;
      }
    },
  };
}

/** Ends the story unless it is so. */
export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`not as it must be: ${what}`);
}

/** Says why the story ended and where to read on; the process ends with 1. */
export function tellWhy(error: unknown, { server, worker }: Pick<Stack, 'server' | 'worker'>): void {
  const words = isYunshangError(error)
    ? `${error.code} ${JSON.stringify(error.details)}`
    : error instanceof Error
      ? error.message
      : String(error);
  console.error(`\n✗ ${words}\n  日志 logs: ${server.logFile}, ${worker.logFile}`);
  process.exitCode = 1;
}
