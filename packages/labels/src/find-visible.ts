import sharp from 'sharp';
import { CORNERS, labelRegion, renderCoverage, type Corner, type Size } from './visible.ts';

/** Of the greatest agreement possible; a label over the most restless ground reaches 0.85. */
const MIN_AGREEMENT = 0.75;
/** Grey levels between text and plate, on average; the faintest of ours has 100. */
const MIN_DIFFERENCE = 60;

/** The corner in which a label of the right size stands out as text on its plate; undefined when none does. */
export async function findVisible(bytes: Uint8Array, size: Size): Promise<Corner | undefined> {
  const short = Math.min(size.width, size.height);
  for (const corner of CORNERS) {
    const region = labelRegion(size, corner);
    const [coverage, grey] = await Promise.all([renderCoverage(region, short), greyOf(bytes, region)]);
    if (agrees(coverage, grey)) return corner;
  }
  return undefined;
}

async function greyOf(bytes: Uint8Array, region: { left: number; top: number } & Size): Promise<Uint8Array> {
  const { data } = await sharp(bytes)
    .flatten({ background: '#fff' })
    .extract(region)
    .greyscale()
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return data;
}

/** Correlation of what is seen with where text should be; the sign tells light text from dark. */
function agrees(coverage: Uint8Array, grey: Uint8Array): boolean {
  const n = coverage.length;
  const meanOf = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0) / n;
  const [c, g] = [meanOf(coverage), meanOf(grey)];
  let both = 0;
  let ofText = 0;
  let ofGrey = 0;
  for (let i = 0; i < n; i++) {
    const [dc, dg] = [(coverage[i] ?? 0) - c, (grey[i] ?? 0) - g];
    both += dc * dg;
    ofText += dc * dc;
    ofGrey += dg * dg;
  }
  if (ofGrey === 0) return false;
  const agreement = both / Math.sqrt(ofText * ofGrey);
  const difference = (255 * both) / ofText;
  return Math.abs(agreement) >= MIN_AGREEMENT && Math.abs(difference) >= MIN_DIFFERENCE;
}
