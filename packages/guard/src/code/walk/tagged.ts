import { bare, calledName, type Node } from '../source/ast.ts';
import { placeOf, type Place } from '../project/file-model.ts';
import { sendSql } from '../queries/send.ts';
import { text, UNKNOWN, type Value } from '../values/value.ts';
import { evaluate } from './expressions.ts';
import { emit, type Scope, type Walker } from './walker.ts';

type Tagged = Extract<Node, { type: 'TaggedTemplateExpression' }>;

/** `sql`…`` and its like: what is put into it goes as parameters. Prisma's send at once. */
export function evaluateTagged(w: Walker, scope: Scope, node: Tagged): Value {
  const tag = bare(node.tag);
  const name = calledName(node.tag);
  const parts: (string | Value)[] = [];
  for (const [index, quasi] of node.quasi.quasis.entries()) {
    parts.push(quasi.value.cooked ?? quasi.value.raw);
    const hole = node.quasi.expressions[index];
    if (hole !== undefined) parts.push(holeOf(evaluate(w, scope, hole)));
  }
  const sql = text(parts);
  noteRaw(w, parts, placeOf(scope.file, node));
  if (name === '$queryRaw' || name === '$executeRaw') {
    const handle = tag.type === 'MemberExpression' ? evaluate(w, scope, tag.object) : UNKNOWN;
    return sendSql(w, { sql, handle, params: [], place: placeOf(scope.file, node), isSafe: true });
  }
  const handle = evaluate(w, scope, tag.type === 'MemberExpression' ? tag.object : tag);
  return /^(?:sql|SQL|raw)$/.test(name) || handle.kind === 'tx' ? { kind: 'mix', op: 'sql', of: [sql, handle] } : sql;
}

/** What `raw()` puts into a template is its text as it comes; everything else in it is a parameter. */
function noteRaw(w: Walker, parts: readonly (string | Value)[], place: Place): void {
  const written = parts.map((part) => (typeof part === 'string' ? part : (rawOf(part) ?? '?')));
  if (written.every((part) => typeof part === 'string')) return;
  emit(w, { kind: 'raw-sql', text: text(written), place });
}

function rawOf(value: Value): Value | undefined {
  return value.kind === 'mix' && value.op === 'raw' ? value.of[0] : undefined;
}

/** A piece of SQL inside of another is part of its text. */
function holeOf(value: Value): Value {
  return value.kind === 'mix' && value.op === 'sql' ? (value.of[0] ?? UNKNOWN) : value;
}
