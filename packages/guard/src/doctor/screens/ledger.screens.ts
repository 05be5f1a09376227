import { sql } from 'kysely';
import { isLedgerQuiet } from './ledger-walk.ts';
import { type Screen, selectsNothing } from './screen.ts';

/** Rules about movements of quota: each of these screens alone would miss what another sees. */
const MOVEMENTS = [
  'balance_is_ledger',
  'balance_is_grants',
  'ledger_unbroken',
  'ledger_complete',
  'grant_adds_up',
  'charge_is_in_ledger',
  'charge_parts_add_up',
  'ledger_row_has_cause',
  'allocation_has_both_ends',
  'spends_what_ends_first',
] as const;

/**
 * Charges, their rows in the ledger and their parts are as many and as much, in one statement. With every row of the ledger in order by
 * itself (the walk), and by a key of its own, none is missing and none is there twice.
 */
const differing = sql`
  SELECT 1 FROM
    (SELECT COUNT(*) AS charges, SUM(amount) AS amount, COUNT(CASE status WHEN 'refunded' THEN 1 END) AS refunds,
      SUM(CASE status WHEN 'refunded' THEN amount ELSE 0 END) AS refunded FROM quota_charges) c,
    (SELECT COUNT(CASE kind WHEN 'charge' THEN 1 END) AS charges, COUNT(CASE kind WHEN 'refund' THEN 1 END) AS refunds FROM quota_logs) l,
    (SELECT SUM(CASE direction WHEN 'spend' THEN amount ELSE 0 END) AS spent, SUM(CASE direction WHEN 'return' THEN amount ELSE 0 END) AS returned
      FROM quota_allocations) a
  WHERE c.charges <> l.charges OR c.refunds <> l.refunds
    OR COALESCE(c.amount, 0) <> COALESCE(a.spent, 0) OR COALESCE(c.refunded, 0) <> COALESCE(a.returned, 0)`;

export const ledgerScreens = [
  { name: 'every_movement_counted', covers: MOVEMENTS, isQuiet: (db) => selectsNothing(db, differing) },
  { name: 'every_movement', covers: MOVEMENTS, isQuiet: isLedgerQuiet },
] as const satisfies readonly Screen[];
