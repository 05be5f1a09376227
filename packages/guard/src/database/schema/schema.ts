/** A table as the server prints it. */
export type Table = {
  readonly name: string;
  readonly engine: string;
  readonly columns: ReadonlyMap<string, Column>;
  /** The primary key is called PRIMARY. */
  readonly keys: ReadonlyMap<string, Key>;
  readonly checks: ReadonlyMap<string, Check>;
  /** What each refers to: `(user_id) references users (id)`. */
  readonly foreignKeys: ReadonlyMap<string, string>;
};

export type Column = {
  /** Without what servers print differently: `int`, `varchar(40)`, `decimal(10,2) unsigned`, `json`. */
  readonly type: string;
  readonly isNullable: boolean;
  /** Undefined where it is the table's own. */
  readonly collation: string | undefined;
};

export type Key = { readonly columns: readonly string[]; readonly isUnique: boolean };
/** A check that MySQL was told not to enforce checks nothing. */
export type Check = { readonly clause: string; readonly isEnforced: boolean };
export type Trigger = {
  readonly name: string;
  readonly table: string;
  readonly timing: string;
  readonly event: string;
  readonly body: string;
};

export type Schema = {
  readonly tables: ReadonlyMap<string, Table>;
  /** Undefined when the account may not see any. */
  readonly triggers: ReadonlyMap<string, Trigger> | undefined;
};
