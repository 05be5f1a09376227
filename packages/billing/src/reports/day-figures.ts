import type { Report } from '@yunshang/contracts';
import type { CostSum, MoneySum, QuotaSum } from './day-sums.store.ts';
import type { Marks } from './ledger-slice.store.ts';
import type { MemberEvent } from './member-walk.ts';
import {
  addCorrections,
  addNumbers,
  closingOf,
  correctionKey,
  emptyFigures,
  type Figures,
  summed,
} from './report-figures.ts';
import { plus } from './rounding.ts';

export type DaySums = { quota: readonly QuotaSum[]; money: readonly MoneySum[]; costs: readonly CostSum[] };

/** What adds up of one day. `before` is the report of the day before; without one, nothing was there. */
export function dayFigures(
  sums: DaySums,
  of: { events: readonly MemberEvent[]; upTo: Marks; before: Report | undefined },
): Figures {
  const empty = emptyFigures(closingOf(of.before));
  return {
    ledgers: {
      quotaLogs: { rows: rowsOf(sums.quota), upTo: of.upTo.quotaLogs },
      moneyEntries: { rows: rowsOf(sums.money), upTo: of.upTo.moneyEntries },
      costEntries: { rows: rowsOf(sums.costs), upTo: of.upTo.costEntries },
    },
    revenue: sums.money.reduce(addMoney, empty.revenue),
    plans: plansOf(sums.money),
    costItems: summed(
      sums.costs.map(({ item, rows, amount }) => ({ item, entries: rows, microYuan: amount })),
      ({ item }) => item,
      addNumbers,
    ),
    quota: sums.quota.reduce(addQuota, empty.quota),
    members: of.events.reduce(addEvent, empty.members),
    features: featuresOf(sums),
    corrections: correctionsOf(sums),
  };
}

function rowsOf(sums: readonly { rows: number }[]): number {
  return sums.reduce((rows, one) => plus(rows, one.rows), 0);
}

/** Of a payment or of refunds; what was refunded is counted up from zero. */
function taken({ kind, rows, amount }: MoneySum) {
  return kind === 'payment'
    ? { paidFen: amount, payments: rows, refundedFen: 0, refunds: 0, netFen: amount }
    : { paidFen: 0, payments: 0, refundedFen: -amount, refunds: rows, netFen: amount };
}

function addMoney(revenue: Figures['revenue'], money: MoneySum): Figures['revenue'] {
  const isPayment = money.kind === 'payment';
  const isUnwanted = isPayment && money.outcome !== 'granted';
  return addNumbers(revenue, {
    ...taken(money),
    ordersPaid: isPayment && !isUnwanted ? money.rows : 0,
    unwantedFen: isUnwanted ? money.amount : 0,
    unwantedPayments: isUnwanted ? money.rows : 0,
  });
}

function plansOf(sums: readonly MoneySum[]): Figures['plans'] {
  return summed(
    sums.map((money) => ({ planId: money.planId, ...taken(money) })),
    ({ planId }) => planId,
    addNumbers,
  );
}

function addQuota(quota: Figures['quota'], sum: QuotaSum): Figures['quota'] {
  const moved = { ...quota, closing: plus(quota.closing, sum.amount) };
  switch (sum.kind) {
    case 'grant':
      return sum.isRestored
        ? { ...moved, restored: plus(moved.restored, sum.amount) }
        : { ...moved, granted: addGrant(moved.granted, sum) };
    case 'refund':
      return { ...moved, refunded: plus(moved.refunded, sum.amount) };
    case 'charge':
      return { ...moved, spent: plus(moved.spent, -sum.amount) };
    case 'expire':
      return { ...moved, expired: plus(moved.expired, -sum.amount) };
    case 'clawback':
      return { ...moved, clawedBack: plus(moved.clawedBack, -sum.amount) };
    default:
      throw new Error(`the report does not know quota that is ${sum.kind}`);
  }
}

function addGrant(granted: Figures['quota']['granted'], { source, amount }: QuotaSum): Figures['quota']['granted'] {
  if (source !== 'purchase' && source !== 'signup' && source !== 'promotion' && source !== 'compensation')
    throw new Error(`the report does not know quota from ${source ?? 'nowhere'}`);
  return { ...granted, [source]: plus(granted[source], amount) };
}

const CHANGE = { joined: 1, returned: 1, renewed: 0, upgraded: 0, lapsed: -1, endedByRefund: -1 } as const;

function addEvent(members: Figures['members'], { kind }: MemberEvent): Figures['members'] {
  return { ...members, [kind]: members[kind] + 1, closing: members.closing + CHANGE[kind] };
}

function featuresOf({ quota, costs }: DaySums): Figures['features'] {
  const none = { charges: 0, spentQuota: 0, refundedQuota: 0, costMicroYuan: 0 };
  return summed(
    [
      ...quota.flatMap(({ featureId, kind, rows, amount }) => {
        if (featureId === null) return [];
        const moved = kind === 'charge' ? { charges: rows, spentQuota: 0 - amount } : { refundedQuota: amount };
        return [{ featureId, ...none, ...moved }];
      }),
      ...costs.flatMap(({ featureId, amount }) =>
        featureId === null ? [] : [{ featureId, ...none, costMicroYuan: amount }],
      ),
    ],
    ({ featureId }) => featureId,
    addNumbers,
  );
}

function correctionsOf({ quota, money, costs }: DaySums): Figures['corrections'] {
  const ledgers = [
    ['quota', quota],
    ['money', money],
    ['costs', costs],
  ] as const;
  const lines = ledgers.flatMap(([ledger, sums]) =>
    sums.flatMap(({ of, kind, isLate, rows, amount }) =>
      of === null ? [] : [{ of, ledger, kind, late: isLate, rows, amount }],
    ),
  );
  return summed(lines, correctionKey, addCorrections);
}
