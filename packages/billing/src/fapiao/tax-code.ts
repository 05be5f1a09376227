/** GB 32100-2015: no I, O, S, V, Z, as they look like digits and U. A character's value is its place. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] as const;

/** Whether the 18 characters are a unified social credit code, by its check character (GB 32100-2015, modulo 31). */
export function isTaxCode(code: string): boolean {
  if (code.length !== WEIGHTS.length + 1) return false;
  const values = Array.from(code, (character) => ALPHABET.indexOf(character));
  if (values.includes(-1)) return false;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * (values[place] ?? 0), 0);
  return values.at(-1) === (31 - (sum % 31)) % 31;
}
