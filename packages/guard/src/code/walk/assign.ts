import { bare, keyName, type Node } from '../source/ast.ts';
import { literal, mix, UNKNOWN, type TypeRef, type Value } from '../values/value.ts';
import { setVariable } from './branch.ts';
import { evaluate } from './expressions.ts';
import { elementOf, memberOf } from './members.ts';
import type { Scope, Walker } from './walker.ts';

/** Declares what a pattern names. */
export function declare(w: Walker, scope: Scope, pattern: Node, value: Value): void {
  spread(w, scope, pattern, { value, put: (name, part) => scope.env.declare(name, typed(scope, pattern, part)) });
}

/** Assigns to what a pattern names. */
export function assign(w: Walker, scope: Scope, pattern: Node, value: Value): void {
  spread(w, scope, pattern, {
    value,
    put: (name, part) => setVariable(w, scope.env.home(name) ?? scope.env, name, part),
  });
}

/** An input takes the type that is written beside its new name. */
function typed(scope: Scope, pattern: Node, value: Value): Value {
  if (pattern.type !== 'Identifier' || pattern.typeAnnotation === null || pattern.typeAnnotation === undefined)
    return value;
  const type: TypeRef = { node: pattern.typeAnnotation.typeAnnotation, file: scope.file };
  if (value.kind === 'input') return { ...value, type };
  return value.kind === 'unknown' ? { kind: 'input', path: [pattern.name], type, isRequest: false } : value;
}

type Target = { readonly value: Value; readonly put: (name: string, part: Value) => void };

function spread(w: Walker, scope: Scope, pattern: Node, target: Target): void {
  const { value, put } = target;
  switch (pattern.type) {
    case 'Identifier':
      return put(pattern.name, value);
    case 'AssignmentPattern':
      return spread(w, scope, pattern.left, { put, value: withDefault(w, scope, value, pattern.right) });
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') spread(w, scope, property.argument, { put, value });
        else {
          const name = keyName(property.key, property.computed);
          const part = name === undefined ? UNKNOWN : memberOf(w, scope, value, name);
          spread(w, scope, property.value, { put, value: part });
        }
      }
      return;
    case 'ArrayPattern':
      for (const [index, element] of pattern.elements.entries()) {
        if (element === null) continue;
        if (element.type === 'RestElement') spread(w, scope, element.argument, { put, value });
        else spread(w, scope, element, { put, value: elementOf(value, index) });
      }
      return;
    case 'TSParameterProperty':
      return spread(w, scope, pattern.parameter, target);
    case 'RestElement':
      return spread(w, scope, pattern.argument, { put, value: { kind: 'list', items: [value] } });
    case 'MemberExpression':
      return setMember(w, scope, pattern, value);
    default:
  }
}

/** What is not given takes the default; what may be given keeps its own. */
function withDefault(w: Walker, scope: Scope, value: Value, fallback: Node): Value {
  if (value.kind === 'literal' && value.value === undefined) return evaluate(w, scope, fallback);
  if (value.kind === 'unknown') return evaluate(w, scope, fallback);
  return value;
}

type Member = Extract<Node, { type: 'MemberExpression' }>;

export function setMember(w: Walker, scope: Scope, target: Member, value: Value): void {
  const name = keyName(target.property, target.computed);
  const object = bare(target.object);
  const isExports =
    object.type === 'Identifier' && object.name === 'exports' && scope.env.get('exports')?.kind === 'object';
  if (object.type === 'Identifier' && object.name === 'module' && name === 'exports') {
    scope.file.commonJs = value;
    return;
  }
  if (isExports || (object.type === 'MemberExpression' && isModuleExports(object))) {
    const known = scope.file.commonJs;
    const holder: Value = known?.kind === 'object' ? known : { kind: 'object', props: new Map(), isOpen: false };
    if (holder.kind === 'object' && name !== undefined) holder.props.set(name, value);
    scope.file.commonJs = holder;
    return;
  }
  const holder = evaluate(w, scope, target.object);
  if (name === undefined) return;
  if (holder.kind === 'object' || holder.kind === 'instance') holder.props.set(name, value);
  else if (holder.kind === 'rows') holder.changes.set(name, value);
}

function isModuleExports(node: Member): boolean {
  const object = bare(node.object);
  return (
    object.type === 'Identifier' && object.name === 'module' && keyName(node.property, node.computed) === 'exports'
  );
}

/** `a += b` and its like. */
export function computedAssignment(op: string, left: Value, right: Value): Value {
  const operator = op.slice(0, -1);
  if (left.kind === 'literal' && right.kind === 'literal' && operator === '+')
    return typeof left.value === 'string' || typeof right.value === 'string'
      ? literal(`${left.value}${right.value}`)
      : UNKNOWN;
  return mix(operator, [left, right]);
}
