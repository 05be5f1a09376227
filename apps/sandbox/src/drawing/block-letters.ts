/** Letters of five by seven squares, each row's five bits one number: nothing on the machine has to have a font. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  D: [30, 17, 17, 17, 17, 17, 30],
  N: [17, 17, 25, 21, 19, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  S: [15, 16, 16, 14, 1, 1, 30],
  X: [17, 17, 10, 4, 10, 17, 17],
  '/': [0, 1, 2, 4, 8, 16, 0],
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 2, 4, 8, 31],
  '3': [31, 2, 4, 2, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
};
const CELL = { width: 6, height: 7 };
const EMPTY: readonly number[] = [];

/** An SVG of white words on a dark band along the bottom of a picture of these sides. */
export function captionBand(text: string, sides: { width: number; height: number }): Buffer {
  const { width, height } = sides;
  const unit = Math.max(1, Math.floor((width * 0.8) / (text.length * CELL.width)));
  const bandHeight = unit * (CELL.height + 4);
  const left = Math.round((width - unit * (text.length * CELL.width - 1)) / 2);
  const top = height - bandHeight + unit * 2;
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<rect y="${height - bandHeight}" width="${width}" height="${bandHeight}" fill="#1f2328" fill-opacity="0.8"/>
<path fill="#fff" transform="translate(${left} ${top}) scale(${unit})" d="${squares(text)}"/></svg>`);
}

function squares(text: string): string {
  return Array.from(text, (letter, at) => letterSquares(GLYPHS[letter] ?? EMPTY, at * CELL.width)).join('');
}

function letterSquares(rows: readonly number[], left: number): string {
  return rows
    .flatMap((bits, y) => [0, 1, 2, 3, 4].filter((x) => bits & (16 >> x)).map((x) => `M${left + x} ${y}h1v1h-1z`))
    .join('');
}
