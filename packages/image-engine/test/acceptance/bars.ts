import type { GroundName } from '../synthetic/grounds.ts';
import { median } from '../measure/silhouette.ts';

/** One picture made from one scene, measured. Shares are of the true garment's area, `clipped` of its interior. */
export type Case = {
  name: string;
  ground: GroundName;
  verdict: 'ok' | 'review' | 'reject';
  iou: number;
  lost: number;
  ring: number;
  clipped: number;
};

/** What any cut-out must reach, however it is made; gives the bars that were missed. */
export function missedPictureBars(cases: readonly Case[]): string[] {
  const coloured = cases.filter(({ ground }) => ['A', 'B', 'D'].includes(ground));
  const white = cases.filter(({ ground }) => ['C', 'W'].includes(ground));
  const bars: Record<string, boolean> = {
    'iou of the worst >= 0.93': coloured.every(({ iou }) => iou >= 0.93),
    'median iou >= 0.98': coloured.length === 0 || median(coloured.map(({ iou }) => iou)) >= 0.98,
    'lost <= 5 %': coloured.every(({ lost }) => lost <= 0.05),
    'white garments lost <= 2 %': white.every(({ lost }) => lost <= 0.02),
    'ring exactly white >= 99.5 %': [...coloured, ...white].every(({ ring }) => ring >= 0.995),
    'white cloth burnt out <= 1 %': white.every(({ clipped }) => clipped <= 0.01),
  };
  return Object.keys(bars).filter((bar) => !bars[bar]);
}

/** What the verdicts must say: unsure about white on white, no to busy grounds, never `ok` to a bad cut-out. */
export function missedVerdictBars(cases: readonly Case[]): string[] {
  const of = (...grounds: GroundName[]) => cases.filter(({ ground }) => grounds.includes(ground));
  const bars: Record<string, boolean> = {
    'white on white is for review': of('C', 'W').every(({ verdict }) => verdict === 'review'),
    'wood is rejected': of('E').every(({ verdict }) => verdict === 'reject'),
    'no ok below iou 0.9': cases.every(({ verdict, iou }) => verdict !== 'ok' || iou >= 0.9),
    'plain grounds are not rejected': of('A', 'B', 'D').every(({ verdict }) => verdict !== 'reject'),
  };
  return Object.keys(bars).filter((bar) => !bars[bar]);
}
