import type { Place } from '../project/file-model.ts';
import type { Value } from '../values/value.ts';

/** What a statement writes into a column. `change`: added to or taken from what is there, by the database itself. */
export type SetPart = { readonly column: string; readonly change: '+' | '-' | undefined; readonly value: Value };
export type Condition = { readonly column: string; readonly op: string; readonly value: Value };

export type Flavour = 'kysely' | 'knex' | 'drizzle' | 'orm' | 'mongo' | 'sql';

/** A statement in the making, or made: what the rules ask about it, whoever's words it is written in. */
export type Query = {
  readonly flavour: Flavour;
  /** What it is sent through: a transaction's handle, a pool, a connection. */
  readonly handle: Value;
  op: 'select' | 'insert' | 'update' | 'delete';
  table: string;
  sets: readonly SetPart[];
  where: readonly Condition[];
  columns: readonly string[];
  /** FOR UPDATE. */
  isLocking: boolean;
  isDescending: boolean;
  isLimited: boolean;
  /** A conflicting row is left alone. */
  isIgnoring: boolean;
  isUpsert: boolean;
  /** Finding nothing throws. */
  mustFind?: boolean;
  /** A condition that could not be read: it may say anything. */
  hasUnreadWhere: boolean;
  place: Place;
};

/** `isUnderLock`: a lock was held when it was read, this statement's own included. */
export type Result = {
  readonly id: number;
  readonly query: Query;
  readonly frame: number | undefined;
  readonly isUnderLock: boolean;
};

export function newQuery(of: Pick<Query, 'flavour' | 'handle' | 'op' | 'table' | 'place'> & Partial<Query>): Query {
  return {
    sets: [],
    where: [],
    columns: [],
    isLocking: false,
    isDescending: false,
    isLimited: false,
    isIgnoring: false,
    isUpsert: false,
    hasUnreadWhere: false,
    ...of,
  };
}

/** The name the database uses for what code writes in camel case. */
export function snake(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** `schema.users as u` gives `users`. */
export function tableName(text: string): string {
  const [name = ''] = text.trim().split(/\s+/);
  return snake(
    name
      .split('.')
      .at(-1)
      ?.replaceAll(/["'`[\]]/g, '') ?? '',
  );
}

/** `u.quota as q` gives `quota`. */
export function columnName(text: string): string {
  return tableName(text);
}
