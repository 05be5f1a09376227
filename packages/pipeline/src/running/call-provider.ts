import { isAppError } from '@yunshang/contracts';
import { ProviderFailure, type ProviderCall, type ProviderResult } from '../providers/provider.ts';

export type CallOutcome =
  | { kind: 'result'; result: ProviderResult }
  | { kind: 'failure'; failure: ProviderFailure }
  /** Our own storage is away: nobody's fault who was called. */
  | { kind: 'storage_unavailable' }
  /** The run lost its task meanwhile. */
  | { kind: 'lost' };

/**
 * Calls for at most `limitMs`. A call that runs out of time is not stopped, only no longer waited for: whether it takes
 * effect is unknown. `lost` aborts when the task is no longer this run's.
 */
export async function callProvider<T>(
  work: (call: ProviderCall) => Promise<T>,
  call: Omit<ProviderCall, 'signal'>,
  limits: { limitMs: number; lost: AbortSignal },
): Promise<Exclude<CallOutcome, { kind: 'result' }> | { kind: 'result'; result: T }> {
  const over = new AbortController();
  const timer = setTimeout(
    () => over.abort(new ProviderFailure('unknown_outcome', 'timeout')),
    Math.max(0, limits.limitMs),
  );
  const signal = AbortSignal.any([over.signal, limits.lost]);
  try {
    const result = await Promise.race([work({ ...call, signal }), aborted(signal)]);
    return { kind: 'result', result };
  } catch (error) {
    if (limits.lost.aborted) return { kind: 'lost' };
    if (error instanceof ProviderFailure) return { kind: 'failure', failure: error };
    if (isAppError(error, 'STORAGE_UNAVAILABLE')) return { kind: 'storage_unavailable' };
    return { kind: 'failure', failure: new ProviderFailure('vendor', 'unexpected', { cause: error }) };
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
