import type { OpenPicture } from '@yunshang/function-pictures';
import sharp from 'sharp';

export interface Grid {
  readonly columns: number;
  /** Height of a cell for one of width. */
  readonly cellRatio: number;
  readonly gapPx: number;
  readonly background: string;
}

export interface ComposedGrid {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Three cells of 720: wide enough for a shop's detail page, small enough for a phone. */
const widthMaxPx = 2160;

/** Every picture whole in its cell, in order, row by row; a last row that is not full is centred. */
export async function composeGrid(
  pictures: readonly OpenPicture[],
  { columns, cellRatio, gapPx, background }: Grid,
  contentType: string,
): Promise<ComposedGrid> {
  const cellWidth = Math.floor(Math.min(720, (widthMaxPx - gapPx * (columns + 1)) / columns));
  const cellHeight = Math.round(cellWidth * cellRatio);
  const rows = Math.ceil(pictures.length / columns);
  const width = columns * (cellWidth + gapPx) + gapPx;
  const height = rows * (cellHeight + gapPx) + gapPx;
  const cells = [];
  for (const [i, picture] of pictures.entries()) {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, pictures.length - row * columns);
    const indent = Math.round(((columns - inRow) * (cellWidth + gapPx)) / 2);
    const left = gapPx + indent + (i % columns) * (cellWidth + gapPx);
    const top = gapPx + row * (cellHeight + gapPx);
    const size = { width: cellWidth, height: cellHeight, fit: 'contain' as const, background };
    const input = await picture.pixels
      .clone()
      .resize(size)
      .flatten({ background })
      .png({ compressionLevel: 1 })
      .toBuffer();
    cells.push({ input, left, top });
  }
  const grid = sharp({ create: { width, height, channels: 3, background } }).composite(cells);
  const encoded = contentType === 'image/png' ? grid.png() : grid.jpeg({ quality: 90, chromaSubsampling: '4:4:4' });
  return { bytes: await encoded.toBuffer(), width, height };
}
