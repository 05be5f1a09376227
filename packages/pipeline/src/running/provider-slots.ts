import type { Endpoint } from '../providers/provider.store.ts';

/** How many calls of this process are under way at each provider, against its max_concurrency. */
export type ProviderSlots = {
  isFull(endpoint: Endpoint): boolean;
  /** Counts one more call; the answer ends it. */
  take(endpoint: Endpoint): () => void;
};

export function createProviderSlots(): ProviderSlots {
  const taken = new Map<string, number>();
  const change = (ref: string, by: number): void => void taken.set(ref, (taken.get(ref) ?? 0) + by);
  return {
    isFull: ({ ref, maxConcurrency }) => (taken.get(ref) ?? 0) >= maxConcurrency,
    take: ({ ref }) => {
      change(ref, 1);
      return () => change(ref, -1);
    },
  };
}
