import { keyName, type Node } from '../source/ast.ts';
import type { Value } from '../values/value.ts';
import { evaluate } from './expressions.ts';
import { makeFunction } from './functions.ts';
import { isFunction } from '../source/ast.ts';
import type { Scope, Walker } from './walker.ts';

/** What a call gives that was not gone into: it may be a function. */
const LATER: ReadonlySet<string> = new Set(['unknown', 'input', 'mix']);

type ObjectNode = Extract<Node, { type: 'ObjectExpression' }>;

/** An object as it is written; its methods know it as `this`. */
export function evaluateObject(w: Walker, scope: Scope, node: ObjectNode): Value {
  const props = new Map<string, Value>();
  let isOpen = false;
  const object: Value = { kind: 'object', props, isOpen: false };
  for (const property of node.properties) {
    if (property.type === 'SpreadElement') {
      const value = evaluate(w, scope, property.argument);
      const source = value.kind === 'either' ? value.options.map((option) => option.value) : [value];
      for (const each of source) {
        if (each.kind === 'object') for (const [name, part] of each.props) props.set(name, part);
        else if (each.kind !== 'literal') isOpen = true;
      }
      continue;
    }
    const name = keyName(property.key, property.computed);
    const value =
      isFunction(property.value) && (property.method || property.value.type === 'FunctionExpression')
        ? makeFunction(w, { ...scope, self: object }, property.value, name)
        : evaluate(w, scope, property.value);
    if (name === undefined) {
      if (property.computed) evaluate(w, scope, property.key);
      isOpen = true;
      continue;
    }
    props.set(name, value);
    if (value.kind === 'fn') w.project.methods.note(name, value);
    else if (LATER.has(value.kind) && property.value.type === 'CallExpression')
      w.project.methods.noteLater(name, { node: property.value, env: scope.env, file: scope.file });
  }
  return isOpen ? { kind: 'object', props, isOpen } : object;
}
