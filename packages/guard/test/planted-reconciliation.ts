import type { Db } from '@yunshang/db';
import type { PlantedCase } from './planted.ts';
import { at, NOW, type World } from './world.ts';

const RUN = '01R0N000000000000000000000';
const EXCEPTION = '01EXCEPT000000000000000000';

/** An ended comparison of the day of the healthy world, with its bills as they came. */
const insertRun = (db: Db, found: number) =>
  db
    .insertInto('reconciliation_runs')
    .values({
      id: RUN,
      day: '2026-01-15',
      kind: 'wechat',
      state: 'done',
      cause: 'schedule',
      bills: '[{"kind":"trade","state":"ready"}]',
      counts: '{}',
      sums: '{}',
      found,
      created_at: at(1),
      started_at: at(1),
      finished_at: at(1),
    })
    .execute();
const setBilled = (db: Db, id: string, day: string | null) =>
  db.updateTable('payment_transactions').set({ billed_on: day }).where('id', '=', id).execute();

/** Faults of reconciliation, and the rule that finds each. */
export const reconciliationCases = (the: () => World): PlantedCase[] => [
  {
    rule: 'payment_is_billed',
    by: 'a payment that a comparison of its day passed over',
    plant: (db) => insertRun(db, 0),
    id: () => the().payment,
  },
  {
    rule: 'billed_on_its_day',
    by: 'a payment in the bill of a day that nobody compared',
    plant: (db) => setBilled(db, the().payment, '2026-01-15'),
    id: () => the().payment,
  },
  {
    rule: 'run_counts_its_findings',
    by: 'a difference that was taken out of a run',
    plant: async (db) => {
      await insertRun(db, 1);
      await setBilled(db, the().payment, '2026-01-15');
    },
    id: () => RUN,
  },
  {
    rule: 'exception_is_its_history',
    by: 'a difference that was resolved past its history',
    plant: (db) =>
      db
        .insertInto('reconciliation_exceptions')
        .values({
          id: EXCEPTION,
          kind: 'fee_differs',
          subject: 'planted',
          day: '2026-01-15',
          run_kind: 'wechat',
          severity: 'warning',
          owner: 'finance',
          state: 'resolved',
          is_healed: 0,
          details: '{}',
          first_run_id: RUN,
          last_run_id: RUN,
          created_at: NOW,
          updated_at: NOW,
        })
        .execute(),
    id: () => EXCEPTION,
  },
];
