import type { Bilingual } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import type { RawBuilder } from 'kysely';

export const INVARIANTS = [
  'I1',
  'I2',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I9',
  'I10',
  'I11',
  'I12',
  'I13',
  'I14',
  'I16',
] as const;
export type Invariant = (typeof INVARIANTS)[number];
/** `error`: money, quota or a state is wrong. `warning`: it is late, and still right. */
export type Severity = 'error' | 'warning';

/** One thing that must hold for every row, and how to see where it does not. */
export type Rule = RuleFacts & (FindingRule | WalkingRule);

type RuleFacts = {
  /** Unique, such as `ledger_gap`. */
  readonly name: string;
  readonly invariant: Invariant;
  readonly severity: Severity;
  /** Where the rows named by `find` are. */
  readonly table: string;
  readonly explanation: Bilingual;
  readonly mend: Bilingual;
};

type FindingRule = {
  /**
   * One statement for the rows that break the rule, so that it reads one moment of a live database: `id` names the row,
   * `detail` the figures that disagree.
   */
  readonly find: (now: Date) => RawBuilder<BrokenRow>;
};

type WalkingRule = {
  /** What no statement can say: reads members' rows page by page and goes through them. */
  readonly walk: (db: Db) => AsyncIterable<BrokenRow>;
};

export type BrokenRow = { id: string | number; detail: string | number };

/** One broken row. */
export type Finding = {
  invariant: Invariant;
  rule: string;
  severity: Severity;
  table: string;
  id: string;
  /** The figures that disagree. */
  detail: string;
  explanation: Bilingual;
  mend: Bilingual;
};
