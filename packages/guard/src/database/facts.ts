import type { Schema } from './schema/schema.ts';

/** What one account may do, as SHOW GRANTS prints it. */
export type Account = { readonly name: string; readonly grants: readonly string[] };

/** Everything that rules over a database look at. */
export type DatabaseFacts = {
  readonly server: 'mariadb' | 'mysql';
  readonly schemaName: string;
  /** Global settings by their name in lower case; both servers' names of the same are as they come. */
  readonly settings: ReadonlyMap<string, string>;
  readonly actual: Schema;
  /** What the migrations make; undefined for a database that is not ours. */
  readonly expected: Schema | undefined;
  /** The account that the program uses; undefined when nobody may see what it may do. */
  readonly account: Account | undefined;
};
