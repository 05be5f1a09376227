import { expect, it } from 'vitest';
import { type Movement, spendsOutOfOrder } from './replay.ts';

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
const soon = { id: 'soon', amount: 5, expiresAt: at(10) };
const late = { id: 'late', amount: 100, expiresAt: at(30) };
const twin = { id: 'twin', amount: 5, expiresAt: at(30) };
const grants = [twin, late, soon];

type Short = Partial<Omit<Movement, 'parts'>> & { parts?: Record<string, number> };
const movements = (...list: Short[]): Movement[] =>
  list.map(({ parts = {}, ...given }, index) => ({
    seq: index + 1,
    kind: 'charge',
    amount: 0,
    grantId: null,
    chargeId: `charge-${index + 1}`,
    at: at(1),
    parts: Object.entries(parts).map(([grantId, amount], n) => ({ id: 100 * (index + 1) + n, grantId, amount })),
    ...given,
  }));
const give = ({ id, amount }: { id: string; amount: number }): Short => ({ kind: 'grant', amount, grantId: id });
const found = (...list: Short[]): string[] =>
  spendsOutOfOrder(grants, movements(...list)).map(({ part, instead }) => `${part.grantId} instead of ${instead}`);

it('is quiet while the grant that ends first pays, and the next only what it lacks', () => {
  expect(
    found(
      give(late),
      { amount: -1, parts: { late: 1 } },
      give(soon),
      { amount: -3, parts: { soon: 3 } },
      { amount: -4, parts: { soon: 2, late: 2 } },
      { kind: 'refund', amount: 4, parts: { soon: 2, late: 2 } },
      { amount: -2, parts: { soon: 2 } },
      { amount: -1, parts: { late: 1 } },
    ),
  ).toEqual([]);
});

it('finds a spend from a grant while one that ends sooner held something', () => {
  expect(found(give(late), give(soon), { amount: -1, parts: { late: 1 } })).toEqual(['late instead of soon']);
  expect(found(give(late), give(soon), { amount: -6, parts: { soon: 4, late: 2 } })).toEqual(['late instead of soon']);
});

it('takes the older of two that end together', () => {
  expect(found(give(late), give(twin), { amount: -1, parts: { late: 1 } })).toEqual([]);
  expect(found(give(late), give(twin), { amount: -1, parts: { twin: 1 } })).toEqual(['twin instead of late']);
});

it('passes over what has ended, was written off, or is not there yet', () => {
  expect(found(give(late), give(soon), { amount: -1, at: at(11), parts: { late: 1 } })).toEqual([]);
  expect(
    found(give(late), give(soon), { kind: 'expire', amount: -5, grantId: 'soon' }, { amount: -1, parts: { late: 1 } }),
  ).toEqual([]);
});

it('stops where the ledger has a hole or takes more than there is', () => {
  expect(found(give(soon), { amount: -9, parts: { soon: 9 } }, give(late), { amount: -1, parts: { late: 1 } })).toEqual(
    [],
  );
  expect(found(give(late), { ...give(soon), seq: 7 }, { amount: -1, parts: { late: 1 } })).toEqual([]);
});
