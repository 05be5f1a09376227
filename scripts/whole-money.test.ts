import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { amountsAtRisk } from './whole-money.mjs';

const root = join(import.meta.dirname, '..');
/** Places where an amount is divided and no amount comes of it. */
const KNOWN: Readonly<Record<string, string>> = {
  'packages/guard/src/strategy/strategy-chart.ts': 'how long a bar is, and a number for people beside it',
  'packages/billing/src/reports/report-svg.ts': 'where a bar ends, in pixels',
  'packages/billing/src/reconciliation/match-flow.ts': 'half of a constant that is even',
};

test('no amount of money is divided, scaled or turned into text by floating point', () => {
  // The sandbox is the vendor, and writes yuan as that does.
  const files = globSync('{packages,apps,functions}/*/src/**/*.ts', { cwd: root }).filter(
    (file) => !/\.(test|gen)\.ts$/.test(file) && !file.startsWith('apps/sandbox/'),
  );
  expect(files.length).toBeGreaterThan(500);
  const found = files.flatMap((file) =>
    amountsAtRisk(file, readFileSync(join(root, file), 'utf8')).map(({ line, what }) => ({ file, line, what })),
  );
  expect(found.filter(({ file }) => !(file in KNOWN))).toEqual([]);
  expect(Object.keys(KNOWN).filter((known) => !found.some(({ file }) => file === known))).toEqual([]);
});

test.each([
  ['const yuan = priceFen / 100;', 'divides an amount'],
  ['const yuan = (order.amountFen - refund.amountFen) / 100;', 'divides an amount'],
  ['let fen = 3; fen /= 2;', 'divides an amount'],
  ['const share = Math.round(netFen * 6 / 1000);', 'divides an amount'],
  ['const fen = Math.floor(costMicroYuan) / MICRO_YUAN_PER_FEN;', 'divides an amount'],
  ['const fee = totalFen * 0.006;', 'multiplies an amount by a fraction'],
  ['const text = row.amount_fen.toFixed(2);', 'puts an amount through toFixed'],
  ['const fen = parseFloat(totalFen);', 'puts an amount through parseFloat'],
])('finds %s', (text, what) => {
  expect(amountsAtRisk('a.ts', text)).toContainEqual({ line: 1, what });
});

test.each([
  'const fen = (BigInt(units) * BigInt(priceFen)) / BigInt(quota);',
  'const fen = priceFen * units;',
  'const half = fenNearest(costMicroYuan);',
  'const rest = priceFen % 100;',
  'const seconds = waitedMs / 1000;',
  'const mean = fenNearest(sumMicroYuan) === 0 ? 0 : count / 2;',
])('leaves %s alone', (text) => {
  expect(amountsAtRisk('a.ts', text)).toEqual([]);
});
