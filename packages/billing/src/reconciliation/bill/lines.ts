/** Far more than 27 columns with a member-facing text in them. */
const MAX_LINE = 16_384;

/** `isWhole`: an end of line follows. `isTooLong`: its text was dropped. */
export type Line = { number: number; text: string; isWhole: boolean; isTooLong: boolean };

/**
 * Lines of UTF-8 text that ends lines with LF or CRLF, a BOM before the first dropped. Holds one line at a time, however long the text
 * or a line is.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  let number = 0;
  let isTooLong = false;
  const line = (text: string, isWhole: boolean): Line => {
    number += 1;
    const made = { number, text: isTooLong ? '' : text.replace(/\r$/, ''), isWhole, isTooLong };
    isTooLong = false;
    return made;
  };
  for await (const chunk of chunks) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      isTooLong ||= piece.length > MAX_LINE;
      yield line(piece, true);
    }
    if (rest.length > MAX_LINE) {
      isTooLong = true;
      rest = '';
    }
  }
  rest += decoder.decode();
  if (rest !== '' || isTooLong) yield line(rest, false);
}
