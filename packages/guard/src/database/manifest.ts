import { MANIFEST } from './manifest.gen.ts';
import { readTable } from './schema/read-table.ts';
import type { Schema, Table, Trigger } from './schema/schema.ts';

/** A schema as statements and triggers: what a server prints of it. */
export type Printed = { readonly tables: readonly string[]; readonly triggers?: readonly Trigger[] | undefined };

export function schemaOf({ tables, triggers }: Printed): Schema {
  const read = tables.map(readTable).filter((table): table is Table => table !== undefined);
  return {
    tables: new Map(read.map((table) => [table.name, table])),
    triggers: triggers && new Map(triggers.map((trigger) => [trigger.name, trigger])),
  };
}

/** What the migrations of this version make. */
export function expectedSchema(): Schema {
  return schemaOf(MANIFEST);
}
