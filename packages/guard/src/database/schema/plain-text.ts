/**
 * SQL with everything left out that servers print differently: case, quotes of names, spaces, brackets and introducers of character
 * sets. Two clauses of the same plain text say the same, but for a change of brackets alone.
 */
export function plainText(text: string): string {
  return text
    .replaceAll(/\b_(?:utf8mb4|utf8mb3|utf8|ascii|latin1)(?=\\?')/gi, '')
    .replaceAll("\\'", "'")
    .replaceAll(/[`()\s]/g, '')
    .toLowerCase();
}
