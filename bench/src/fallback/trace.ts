import type { ProviderSlots } from '@yunshang/pipeline';

/** One task's way through the runner, in ms. */
export type OurCall = {
  /** Taken from the queue's hand to settled. */
  wholeMs: number;
  /** From the first look at who may be called until the answer is in, its attempt and health written, and its slot free. */
  stepMs: number;
  /** Each choice: candidates with their health read, one chosen, its slot taken. */
  choiceMs: number[];
  /** The first of them without what it waited for: database and Redis. */
  ruleMs: number;
  /** What follows the call: health written, slot given back. */
  afterMs: number;
};

export type Trace = {
  onQuery(sql: string, durationMs: number): void;
  watch(slots: ProviderSlots): ProviderSlots;
  /** Follows one task; one at a time. */
  of(work: () => Promise<void>): Promise<OurCall>;
};

/** What a choice reads: it begins when anything else was last heard of. */
const READ_TO_CHOOSE = /^select .* from `provider_endpoints`/;
const HEALTH = /^(update|insert into) `provider_health`/;

/** Watches a runner from outside, by its statements and its slots: what is measured is the code that workers run. */
export function createTrace(): Trace {
  let choiceMs: number[] = [];
  let beganAt = Number.NaN;
  let heardAt = 0;
  let readMs = 0;
  let freedAt = 0;
  let afterMs = 0;
  let ruleMs = Number.NaN;
  return {
    onQuery: (sql, durationMs) => {
      const now = performance.now();
      if (HEALTH.test(sql)) afterMs += durationMs;
      if (READ_TO_CHOOSE.test(sql)) readMs += durationMs;
      else {
        heardAt = now;
        readMs = 0;
      }
    },
    watch: (slots) => ({
      take: async (...asked) => {
        const [from, read] = [heardAt, readMs];
        const began = performance.now();
        const isTaken = await slots.take(...asked);
        const now = performance.now();
        if (choiceMs.length === 0) {
          ruleMs = began - from - read;
          beganAt = from;
        }
        choiceMs.push(now - from);
        heardAt = now;
        return isTaken;
      },
      free: async (...asked) => {
        const began = performance.now();
        await slots.free(...asked);
        freedAt = performance.now();
        afterMs += freedAt - began;
      },
    }),
    of: async (work) => {
      choiceMs = [];
      afterMs = 0;
      const began = performance.now();
      heardAt = began;
      await work();
      const wholeMs = performance.now() - began;
      if (choiceMs.length === 0) throw new Error('the runner chose nobody');
      return { wholeMs, stepMs: freedAt - beganAt, choiceMs, ruleMs, afterMs };
    },
  };
}
