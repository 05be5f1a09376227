import { visitorKeys } from 'oxc-parser';
import type { ArrowFunctionExpression, Class, Function as OxcFunction, Node, Program, TSType } from 'oxc-parser';

export type { ArrowFunctionExpression, Class, Node, Program, TSType };
export type FunctionNode = OxcFunction | ArrowFunctionExpression;

/** True for everything that has parameters and a body. */
export function isFunction(node: Node): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  );
}

/** The expression without what only the type checker sees, and without optional chaining's wrapper. */
export function bare(node: Node): Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSTypeAssertion':
    case 'TSNonNullExpression':
    case 'TSInstantiationExpression':
    case 'ParenthesizedExpression':
      return bare(node.expression);
    case 'ChainExpression':
      return bare(node.expression);
    default:
      return node;
  }
}

/** The name of a property as it is written: `a.b`, `a['b']`, `{ b: … }`; undefined when it is computed. */
export function keyName(key: Node, computed: boolean): string | undefined {
  if (key.type === 'Literal')
    return typeof key.value === 'string' || typeof key.value === 'number' ? String(key.value) : undefined;
  if (computed) return undefined;
  if (key.type === 'Identifier') return key.name;
  return key.type === 'PrivateIdentifier' ? `#${key.name}` : undefined;
}

/** `a.b.c` as text, for names in messages; '' for what is not a plain path. */
export function pathText(node: Node): string {
  switch (node.type) {
    case 'Identifier':
      return node.name;
    case 'ThisExpression':
      return 'this';
    case 'MemberExpression': {
      const name = keyName(node.property, node.computed);
      const object = pathText(bare(node.object));
      return name === undefined || object === '' ? (name ?? '') : `${object}.${name}`;
    }
    case 'CallExpression':
      return pathText(bare(node.callee));
    case 'AwaitExpression':
      return pathText(bare(node.argument));
    default:
      return '';
  }
}

/** The last name of what is called: `c` of `a.b.c()`. */
export function calledName(callee: Node): string {
  const node = bare(callee);
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'MemberExpression') return keyName(node.property, node.computed) ?? '';
  return '';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

const TYPES = new Set([
  'typeAnnotation',
  'returnType',
  'typeParameters',
  'typeArguments',
  'superTypeArguments',
  'implements',
]);
/** Where each kind of node has others below it, types left out. */
const KEYS = new Map(Object.entries(visitorKeys).map(([type, keys]) => [type, keys.filter((key) => !TYPES.has(key))]));

/** The nodes directly below, types left out. */
export function childrenOf(node: Node): Node[] {
  const found: Node[] = [];
  for (const key of KEYS.get(node.type) ?? []) {
    const value: unknown = Reflect.get(node, key);
    if (Array.isArray(value)) {
      for (const each of value) if (isNode(each)) found.push(each);
    } else if (isNode(value)) found.push(value);
  }
  return found;
}

/** True when the node or anything below it, other functions left out unless `deep`, passes. */
export function someBelow(node: Node, test: (node: Node) => boolean, deep = false): boolean {
  if (test(node)) return true;
  return childrenOf(node).some((child) => (isFunction(child) && !deep ? false : someBelow(child, test, deep)));
}
