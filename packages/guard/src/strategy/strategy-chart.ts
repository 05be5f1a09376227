import { fenText } from '../configuration/yuan.ts';
import { nameOf, percentText, type MixOutlook, type PlanOutlook, type Strategy } from './strategy.ts';

const [WIDTH, LABELS, BARS, ROW, HEAD, TOP] = [960, 340, 440, 26, 34, 76];
const COLOURS = { cost: '#c2410c', profit: '#15803d', loss: '#991b1b', text: '#1f2937', faint: '#6b7280' } as const;
const MICRO_YUAN_PER_FEN = 10_000;

/** A picture of every plan: how much of what it brings in each way of spending costs. */
export function strategyChart({ plans }: Strategy): string {
  const heights = plans.map(({ mixes }) => HEAD + mixes.length * ROW + 12);
  const height = TOP + heights.reduce((sum, each) => sum + each, 0) + 12;
  let y = TOP;
  const blocks = plans.map((plan, index) => {
    const block = planBlock(plan, y);
    y += heights[index] ?? 0;
    return block;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif" font-size="13" fill="${COLOURS.text}">
<title>各套餐的成本与毛利 · cost and profit of each plan</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="30" font-size="18">各套餐用完配额时的成本与毛利 · Cost and profit when the quota is used up</text>
${legend(COLOURS.cost, 16, '成本 cost')}${legend(COLOURS.profit, 126, '毛利 profit')}${legend(COLOURS.loss, 236, '亏损 loss')}
${blocks.join('\n')}
</svg>
`;
}

function legend(colour: string, x: number, label: string): string {
  return `<rect x="${x}" y="44" width="12" height="12" fill="${colour}"/><text x="${x + 18}" y="55">${label}</text>`;
}

function planBlock(plan: PlanOutlook, y: number): string {
  const { priceFen, quota, mixes } = plan;
  const head = `${nameOf(plan)} · ${fenText(priceFen)} · ${quota} 配额`;
  const bars = mixes.map((mix, index) => mixBar(plan, mix, y + HEAD + index * ROW));
  return [`<text x="16" y="${y + 22}" font-size="15" font-weight="bold">${escape(head)}</text>`, ...bars].join('\n');
}

/** The whole bar is the net revenue; what costs more than that is cut at its end and red. */
function mixBar({ netMicroYuan }: PlanOutlook, mix: MixOutlook, y: number): string {
  const isLoss = mix.profitMicroYuan < 0;
  const share = Math.min(1, mix.costMicroYuan / netMicroYuan);
  const cost = Math.round(BARS * share);
  const colour = isLoss ? COLOURS.loss : COLOURS.cost;
  const profit = `${fenText(Math.floor(mix.profitMicroYuan / MICRO_YUAN_PER_FEN))} (${percentText(mix.marginPpm)})`;
  return [
    `<text x="16" y="${y + 15}">${escape(mix.name.zh)} <tspan fill="${COLOURS.faint}">${escape(mix.name.en)}</tspan></text>`,
    `<rect x="${LABELS}" y="${y + 3}" width="${BARS}" height="16" fill="${isLoss ? COLOURS.loss : COLOURS.profit}"/>`,
    `<rect x="${LABELS}" y="${y + 3}" width="${cost}" height="16" fill="${colour}"/>`,
    `<text x="${LABELS + BARS + 10}" y="${y + 16}">${profit}</text>`,
  ].join('');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
