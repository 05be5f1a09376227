import { asYunshangError, clientError, type YunshangError } from './errors.ts';

const TRIES = 4;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Runs a call that is safe to repeat again after a lost network, a 502–504 or a request still in flight, up to 4 times. */
export async function withRetries<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (thrown) {
      const error = asYunshangError(thrown);
      if (attempt >= TRIES || !canRepeat(error)) throw error;
      await pause(pauseMs(attempt, error), signal);
    }
  }
}

/** Whether the same call can be sent again at once. */
export function canRepeat({ code, status, retryable, details }: YunshangError): boolean {
  if (code === 'NETWORK_ERROR' || code === 'TIMEOUT' || code === 'IDEMPOTENCY_IN_FLIGHT') return true;
  if (status === 503) return retryable;
  return status === 429 && (details.retryAfterSeconds ?? Infinity) * 1000 <= LONGEST_PAUSE_MS;
}

/** Longer each time, and by chance, so that many clients do not come back together. */
export function pauseMs(attempt: number, error?: YunshangError): number {
  const asked = (error?.details.retryAfterSeconds ?? 0) * 1000;
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return Math.max(Math.min(asked, LONGEST_PAUSE_MS), longest / 2 + Math.random() * (longest / 2));
}

/** Waits; rejects with ABORTED when the signal ends it. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(clientError('ABORTED', { cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
