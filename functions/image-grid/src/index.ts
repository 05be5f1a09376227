import { openPicture, readColor } from '@yunshang/function-pictures';
import { createHandler, FunctionFailure, optionalInteger } from '@yunshang/function-runtime';
import type { PlainRecord } from '@yunshang/callback';
import { composeGrid } from './compose-grid.ts';
import type { Grid } from './compose-grid.ts';

const cellRatios = { square: 1, portrait: 4 / 3 };

/** The list `images` becomes `image`, a JPEG or PNG of all of them. */
export const main_handler = createHandler({
  name: 'image-grid',
  timeLimitMs: 45_000,
  async work(job) {
    const contentType = job.wantedType('image', ['image/jpeg', 'image/png']);
    const files = await job.images('images', { min: 1, max: 16 });
    const grid = readGrid(job.input, files.length);
    const pictures = [];
    for (const file of files) pictures.push(await openPicture(file, 960));
    return { image: await composeGrid(pictures, grid, contentType) };
  },
});

function readGrid(input: PlainRecord, pictures: number): Grid {
  const shape = input.shape ?? 'square';
  const cellRatio = Object.entries(cellRatios).find(([name]) => name === shape)?.[1];
  if (cellRatio === undefined) throw new FunctionFailure('INPUT_REFUSED', 'shape is neither square nor portrait');
  return {
    columns: optionalInteger(input, 'columns', { min: 1, max: 4 }) ?? Math.min(3, Math.ceil(Math.sqrt(pictures))),
    cellRatio,
    gapPx: optionalInteger(input, 'gap', { min: 0, max: 64 }) ?? 24,
    background: readColor(input.background, 'background') ?? '#ffffff',
  };
}
