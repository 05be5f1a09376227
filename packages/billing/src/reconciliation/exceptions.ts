import {
  AppError,
  type ExceptionDetail,
  type ExceptionState,
  inputInvalid,
  type ReconciliationException,
} from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, recordAudit, type Tx } from '@yunshang/db';
import { canMoveException } from './exception.ts';
import {
  assignException,
  type ExceptionsPage,
  findException,
  insertEvents,
  listEvents,
  listExceptions,
  lockException,
  moveException,
  type NewEvent,
  type StoredException,
} from './exception.store.ts';
import { canBeAssigned } from './assignee.store.ts';

/** What people do about differences. Each rejects with RECONCILIATION_NOT_FOUND. */
export type Exceptions = {
  list(page: ExceptionsPage): Promise<{ items: ReconciliationException[]; nextCursor: string | null }>;
  /** With everything that happened to it. */
  get(exceptionId: string): Promise<ExceptionDetail>;
  /** STATE_CONFLICT for a move that its state does not allow; FORBIDDEN for an operator where it is not theirs. */
  move(
    actor: Actor,
    input: { exceptionId: string; to: ExceptionState; note: string },
  ): Promise<ReconciliationException>;
  /** To somebody who may act on it. INPUT_INVALID. */
  assign(actor: Actor, input: { exceptionId: string; assignedTo: string | null }): Promise<ReconciliationException>;
  note(actor: Actor, input: { exceptionId: string; note: string }): Promise<ExceptionDetail>;
};

export function createExceptions({ db, clock }: { db: Db; clock: Clock }): Exceptions {
  async function stored(exceptionId: string): Promise<StoredException> {
    const found = await findException(db, exceptionId);
    if (found === undefined) throw new AppError('RECONCILIATION_NOT_FOUND');
    return found;
  }
  const get = async (exceptionId: string): Promise<ExceptionDetail> => ({
    ...toException(await stored(exceptionId)),
    events: await listEvents(db, exceptionId),
  });
  /** The row locked, the change, its event and its audit entry in one transaction. */
  const change = (exceptionId: string, work: (tx: Tx, locked: StoredException, now: Date) => Promise<void>) =>
    inTransaction(db, async (tx) => {
      const locked = await lockException(tx, exceptionId);
      if (locked === undefined) throw new AppError('RECONCILIATION_NOT_FOUND');
      await work(tx, locked, clock.now());
    });

  return {
    get,
    list: async (page) => {
      const { items, nextCursor } = await listExceptions(db, page);
      return { items: items.map(toException), nextCursor };
    },
    async move(actor, { exceptionId, to, note }) {
      await change(exceptionId, async (tx, { state: from, owner }, now) => {
        if (actor.role === 'operator' && owner !== 'operator') throw new AppError('FORBIDDEN');
        if (!canMoveException(from, to)) throw new AppError('STATE_CONFLICT', { reason: `exception_${from}` });
        if (!(await moveException(tx, { id: exceptionId, from, to, now })))
          throw new Error('the difference moved although its row is locked');
        await write(tx, actor, { event: { exceptionId, cause: 'moved', from, to, note }, now });
      });
      return toException(await stored(exceptionId));
    },
    async assign(actor, { exceptionId, assignedTo }) {
      if (assignedTo !== null && !(await canBeAssigned(db, assignedTo)))
        throw inputInvalid('assignedTo', 'role', {
          zh: '只能指派给财务、运营或管理员',
          en: 'only finance, operators and admins can be given one',
        });
      await change(exceptionId, async (tx, { state }, now) => {
        await assignException(tx, { id: exceptionId, assignedTo, now });
        await write(tx, actor, {
          event: { exceptionId, cause: 'assigned', from: state, to: state, assignedTo },
          now,
        });
      });
      return toException(await stored(exceptionId));
    },
    async note(actor, { exceptionId, note }) {
      await change(exceptionId, (tx, { state }, now) =>
        write(tx, actor, { event: { exceptionId, cause: 'noted', from: state, to: state, note }, now }),
      );
      return get(exceptionId);
    },
  };
}

async function write(tx: Tx, actor: Actor, { event, now }: { event: NewEvent; now: Date }): Promise<void> {
  await insertEvents(tx, [{ ...event, actorId: actor.id }], now);
  await recordAudit(tx, actor, {
    action: `reconciliation.${event.cause}`,
    subjectType: 'reconciliation',
    subjectId: event.exceptionId,
    details: { from: event.from, to: event.to, note: event.note, assignedTo: event.assignedTo },
    now,
  });
}

function toException(stored: StoredException): ReconciliationException {
  return { ...stored, createdAt: stored.createdAt.toISOString(), updatedAt: stored.updatedAt.toISOString() };
}
