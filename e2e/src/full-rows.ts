/** How many rows a table of members has at least. */
export const MEMBERS = 5_000;

export const id = (number: string): string => `CONCAT('01A', LPAD(${number}, 23, '0'))`;
export const ago = (amount: string): string => `UTC_TIMESTAMP(3) - INTERVAL ${amount}`;
export const ahead = (amount: string): string => `UTC_TIMESTAMP(3) + INTERVAL ${amount}`;
/** One INSERT of that many rows; each column is an expression in `n`. */
export const insert = (table: string, rows: number, columns: Readonly<Record<string, string>>): string =>
  `INSERT INTO ${table} (${Object.keys(columns).join(', ')})
     SELECT ${Object.values(columns).join(', ')} FROM numbers WHERE n < ${rows}`;
/** Whose row it is: one in `every` is the busiest member's. */
export type Owner = (every: number) => string;
