import type { Node } from '../source/ast.ts';
import type { Place } from '../project/file-model.ts';
import type { Value } from '../values/value.ts';
import type { Scope, Walker } from './walker.ts';

/** One call as it is made: everything evaluated but the call itself. */
export type Call = {
  readonly w: Walker;
  readonly scope: Scope;
  readonly node: Extract<Node, { type: 'CallExpression' | 'NewExpression' }>;
  /** The last name of what is called. */
  readonly name: string;
  /** What stands before the name, as text: `this.queue` of `this.queue.add()`. */
  readonly receiverText: string;
  readonly receiver: Value | undefined;
  readonly callee: Value;
  readonly args: readonly Value[];
  readonly place: Place;
  /** How much had happened before anything of the call was evaluated. */
  readonly from: number;
};

/** Understands some calls; undefined for all others. */
export type CallReader = (call: Call) => Value | undefined;
