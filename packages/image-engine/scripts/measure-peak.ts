/**
 * Cleans the pictures named as arguments (or the sample garment) one after another in one process and prints one line
 * of JSON: the largest resident memory of the process in MB and the time of each picture in ms, the first one cold.
 *
 *   node scripts/measure-peak.ts [photo …]
 */
import { readFile } from 'node:fs/promises';
import { createImageEngine } from '../src/engine.ts';
import { renderSampleGarment } from '../src/sample-garment.ts';

const paths = process.argv.slice(2);
const pictures =
  paths.length === 0 ? [await renderSampleGarment()] : await Promise.all(paths.map((path) => readFile(path)));
const engine = createImageEngine();
const times: number[] = [];
for (const picture of pictures) {
  const start = performance.now();
  await engine.clean(picture);
  times.push(Math.round(performance.now() - start));
}
await engine.close();
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ peakMb, times })}\n`);
