import type { ProviderSlots } from '@yunshang/pipeline';

/** One task's way through the runner, in ms. */
export type OurCall = {
  /** Taken from the queue's hand to settled. */
  wholeMs: number;
  /** From the first look at who may be called until the last answer is in and its health written. */
  stepMs: number;
  /** Each choice: earlier attempts and all candidates with their health read, one chosen, its slot taken. */
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

const LOOK = /^select .* from `task_attempts` where .* order by `attempt_no`$/;
const HEALTH = /^(update|insert into) `provider_health`/;

/** Watches a runner from outside, by its statements and its slots: what is measured is the code that workers run. */
export function createTrace(): Trace {
  let looks: number[] = [];
  let choiceMs: number[] = [];
  let answeredAt = 0;
  let afterMs = 0;
  let waitedMs = 0;
  let ruleMs = Number.NaN;
  return {
    onQuery: (sql, durationMs) => {
      const now = performance.now();
      waitedMs += durationMs;
      if (LOOK.test(sql)) {
        looks.push(now - durationMs);
        waitedMs = durationMs;
      } else if (HEALTH.test(sql)) {
        answeredAt = now;
        afterMs += durationMs;
      }
    },
    watch: (slots) => ({
      take: async (...asked) => {
        const began = performance.now();
        const isTaken = await slots.take(...asked);
        const now = performance.now();
        const tookMs = now - (looks.at(-1) ?? Number.NaN);
        if (choiceMs.length === 0) ruleMs = tookMs - waitedMs - (now - began);
        choiceMs.push(tookMs);
        return isTaken;
      },
      free: async (...asked) => {
        const began = performance.now();
        await slots.free(...asked);
        afterMs += performance.now() - began;
      },
    }),
    of: async (work) => {
      looks = [];
      choiceMs = [];
      afterMs = 0;
      const began = performance.now();
      await work();
      const wholeMs = performance.now() - began;
      const [first] = looks;
      if (first === undefined || choiceMs.length === 0) throw new Error('the runner chose nobody');
      return { wholeMs, stepMs: answeredAt - first, choiceMs, ruleMs, afterMs };
    },
  };
}
