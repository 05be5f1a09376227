import { type Report, yuanText } from '@yunshang/contracts';
import { reportTitle } from './report-tables.ts';
import { fenNearest } from './rounding.ts';

const [WIDTH, HEIGHT, LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT] = [960, 420, 90, 70, 840, 290];
const BARS = [
  { name: '净收入', colour: '#2563eb' },
  { name: '成本', colour: '#f59e0b' },
  { name: '毛利', colour: '#16a34a' },
] as const;

type Group = { label: string; fen: readonly number[] };

/** Net revenue, cost and gross profit of each day or month as bars; the picture says its numbers when pointed at. */
export function reportSvg(report: Report): string {
  const groups = groupsOf(report);
  const amounts = [0, ...groups.flatMap(({ fen }) => fen)];
  const [high, low] = [Math.max(...amounts), Math.min(...amounts)];
  const span = Math.max(1, high - low);
  // Places on the picture are pixels; the amounts written beside them are exact.
  const y = (fen: number): number => TOP + Math.round((PLOT_HEIGHT * (high - fen)) / span);
  const step = PLOT_WIDTH / Math.max(1, groups.length);
  const bars = groups.flatMap(({ label, fen }, index) =>
    fen.map((amount, bar) => {
      const { name, colour } = BARS[bar] ?? BARS[0];
      const [top, bottom] = [y(Math.max(0, amount)), y(Math.min(0, amount))];
      const width = Math.max(2, Math.floor(step / 4));
      const x = LEFT + Math.round(index * step) + bar * width;
      return `<rect x="${x}" y="${top}" width="${width}" height="${bottom - top}" fill="${colour}"><title>${label} ${name} ${yuanText(amount)} 元</title></rect>`;
    }),
  );
  const every = Math.ceil(groups.length / 16);
  const labels = groups.flatMap(({ label }, index) =>
    index % every === 0
      ? [`<text x="${LEFT + Math.round(index * step)}" y="${TOP + PLOT_HEIGHT + 22}" font-size="12">${label}</text>`]
      : [],
  );
  const legend = BARS.map(
    ({ name, colour }, index) =>
      `<rect x="${LEFT + index * 110}" y="40" width="12" height="12" fill="${colour}"/><text x="${LEFT + 18 + index * 110}" y="51" font-size="13">${name}</text>`,
  );
  const axis = [high, 0, low].filter((amount, index, all) => all.indexOf(amount) === index);
  const lines = axis.map(
    (amount) =>
      `<line x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${y(amount)}" y2="${y(amount)}" stroke="#cbd5e1"/><text x="${LEFT - 8}" y="${y(amount) + 4}" font-size="12" text-anchor="end">${yuanText(amount)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" role="img">`,
    `<title>${reportTitle(report)}</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="26" font-size="17" font-weight="bold">${reportTitle(report)}（元）</text>`,
    ...legend,
    ...lines,
    ...bars,
    ...labels,
    '</svg>\n',
  ].join('\n');
}

function groupsOf(report: Report): Group[] {
  const { period, revenue, costs } = report;
  const lines =
    report.series.length > 0 ? report.series : [{ period, netFen: revenue.netFen, costMicroYuan: costs.microYuan }];
  return lines.map((line) => {
    const cost = fenNearest(line.costMicroYuan);
    return { label: line.period.slice(report.kind === 'day' ? 0 : 5), fen: [line.netFen, cost, line.netFen - cost] };
  });
}
