import type { ReconciliationKind } from '@yunshang/contracts';
import { type Db, inTransaction, type Tx } from '@yunshang/db';
import { type Finding, stateWhenFound } from './exception.ts';
import {
  deleteUnhealed,
  insertEvents,
  insertExceptions,
  insertFindings,
  lockGone,
  lockKnown,
  moveException,
  type NewEvent,
  updateFound,
} from './exception.store.ts';

export type FoundIn = { runId: string; day: string; kind: ReconciliationKind; now: Date };

const CHUNK = 200;

/** A run begins, or begins again: what it found and did not mend is to be found anew. */
export async function beginFindings(db: Db, runId: string): Promise<void> {
  await inTransaction(db, (tx) => deleteUnhealed(tx, runId));
}

/** Keeps what a run has found: the same difference is the same row however often it is found. */
export async function keepFindings(db: Db, findings: readonly Finding[], at: FoundIn): Promise<void> {
  const once = [...new Map(findings.map((one) => [`${one.kind} ${one.subject}`, one])).values()];
  for (let from = 0; from < once.length; from += CHUNK) {
    const chunk = once.slice(from, from + CHUNK);
    await inTransaction(db, (tx) => keepChunk(tx, chunk, at));
  }
}

async function keepChunk(tx: Tx, findings: readonly Finding[], at: FoundIn): Promise<void> {
  const { runId, now } = at;
  const known = new Map((await lockKnown(tx, findings)).map((one) => [`${one.kind} ${one.subject}`, one]));
  const isNew = ({ kind, subject }: Finding): boolean => !known.has(`${kind} ${subject}`);
  const made = await insertExceptions(tx, findings.filter(isNew), at);
  const events: NewEvent[] = made.flatMap(({ id: exceptionId, finding }) => [
    { exceptionId, runId, cause: 'found', from: null, to: 'open' },
    ...(finding.isHealed
      ? [{ exceptionId, runId, cause: 'healed', from: 'open', to: 'resolved' } satisfies NewEvent]
      : []),
  ]);
  const found = made.map(({ id, finding }) => ({ id, isHealed: finding.isHealed }));
  for (const finding of findings) {
    const before = known.get(`${finding.kind} ${finding.subject}`);
    if (before === undefined) continue;
    const { details, isHealed } = finding;
    const state = stateWhenFound(before, finding);
    await updateFound(tx, { id: before.id, state, isHealed, details, runId, now });
    found.push({ id: before.id, isHealed });
    if (state === before.state) continue;
    const cause = isHealed ? 'healed' : 'found_again';
    events.push({ exceptionId: before.id, runId, cause, from: before.state, to: state });
  }
  await insertFindings(tx, runId, found);
  await insertEvents(tx, events, now);
}

/** What a complete comparison of the day does not find any more is mended. Answers how many were. */
export async function endGone(db: Db, at: FoundIn): Promise<number> {
  return inTransaction(db, async (tx) => {
    const gone = await lockGone(tx, at);
    for (const { id, state } of gone)
      if (!(await moveException(tx, { id, from: state, to: 'resolved', now: at.now })))
        throw new Error('the difference moved although its row is locked');
    const events = gone.map(
      ({ id: exceptionId, state: from }) =>
        ({ exceptionId, runId: at.runId, cause: 'gone', from, to: 'resolved' }) satisfies NewEvent,
    );
    await insertEvents(tx, events, at.now);
    return gone.length;
  });
}
