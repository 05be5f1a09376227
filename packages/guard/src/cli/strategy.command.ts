import { assertNever } from '@yunshang/contracts';
import { makeStrategy } from '../strategy/make-strategy.ts';
import type { Mix } from '../strategy/mixes.ts';
import { strategyChart } from '../strategy/strategy-chart.ts';
import { strategyText } from '../strategy/strategy-text.ts';
import type { Strategy } from '../strategy/strategy.ts';
import { UsageError, type Command } from './command.ts';
import { readSource, SOURCE_OPTIONS } from './config.command.ts';
import { printReport } from './print-report.ts';

const FORMATS = ['text', 'json', 'svg'] as const;
type Format = (typeof FORMATS)[number];
const PER_CENT = 10_000;

/** `billing-guard strategy`: what the business earns and risks with a configuration. It judges nothing. */
export const strategyCommand: Command = {
  usage: 'strategy --file <export.json> | --database <url> | --seeds [--mix a=70,b=30] [--format text|json|svg]',
  says: '计费策略与风险 · revenue, cost, break-even and risks of each plan',
  options: { ...SOURCE_OPTIONS, mix: { type: 'string' }, format: { type: 'string', default: 'text' } },
  run: async (typed, io) => {
    const format = FORMATS.find((known) => known === typed.options.format);
    if (format === undefined) throw new UsageError(`--format is one of ${FORMATS.join(', ')}`);
    const mix = readMix(typed.options.mix);
    const source = await readSource(typed, io);
    if ('report' in source) {
      const options = { ...typed.options, format: format === 'json' ? 'json' : 'text' };
      return printReport(source.report, { ...typed, options }, io);
    }
    const known = source.configuration.features.map(({ featureId }) => featureId);
    const stranger = Object.keys(mix?.sharesPpm ?? {}).find((featureId) => !known.includes(featureId));
    if (stranger !== undefined) throw new UsageError(`--mix names ${stranger}; there are ${known.join(', ')}`);
    const strategy = makeStrategy(source.configuration, { now: new Date(), mix });
    io.out(render(strategy, format));
    return strategy.plans.some(({ mixes }) => mixes.length > 0) ? 0 : 3;
  },
};

/** `a=70,b=30`: whole per cents that make a hundred. */
function readMix(value: string | boolean | undefined): Mix | undefined {
  if (typeof value !== 'string') return undefined;
  const parts = value.split(',').map((part) => /^\s*([a-z][a-z0-9_]*)\s*=\s*(\d{1,3})\s*$/.exec(part));
  const shares = parts.map((match) => [match?.[1] ?? '', Number(match?.[2] ?? Number.NaN) * PER_CENT] as const);
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  const isTwice = new Set(shares.map(([featureId]) => featureId)).size < shares.length;
  if (total !== 100 * PER_CENT || isTwice)
    throw new UsageError(
      '--mix names features with whole per cents that make 100, such as basic_clean=70,promo_poster=30',
    );
  return { name: { zh: '指定的用法', en: `as given: ${value}` }, sharesPpm: Object.fromEntries(shares) };
}

function render(strategy: Strategy, format: Format): string {
  switch (format) {
    case 'text':
      return strategyText(strategy);
    case 'json':
      return JSON.stringify(strategy, undefined, 2);
    case 'svg':
      return strategyChart(strategy);
    default:
      return assertNever(format);
  }
}
