import { MONEY_MUTATIONS } from './money-mutations.ts';
import { WORK_MUTATIONS } from './work-mutations.ts';

export type Edit = {
  readonly file: string;
  /** Exactly once in the file. */
  readonly find: string;
  readonly replace: string;
};

/** A mistake put into our own code, and what the guard must say of it. */
export type Mutation = Edit & {
  readonly says: string;
  readonly ruleId: string;
  /** What else protects the same thing has to go with it. */
  readonly also?: readonly Edit[];
  /** The line that is to be named has this text in it; of `at` when it is another file. */
  readonly line: string;
  readonly at?: string;
};

export const MUTATIONS: readonly Mutation[] = [...MONEY_MUTATIONS, ...WORK_MUTATIONS];
