import { bare, calledName, type Node } from '../source/ast.ts';
import { placeOf } from '../project/file-model.ts';
import { sendSql } from '../queries/send.ts';
import { text, UNKNOWN, type Value } from '../values/value.ts';
import { evaluate } from './expressions.ts';
import type { Scope, Walker } from './walker.ts';

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
  if (name === '$queryRaw' || name === '$executeRaw') {
    const handle = tag.type === 'MemberExpression' ? evaluate(w, scope, tag.object) : UNKNOWN;
    return sendSql(w, { sql, handle, params: [], place: placeOf(scope.file, node), isSafe: true });
  }
  const handle = evaluate(w, scope, tag.type === 'MemberExpression' ? tag.object : tag);
  return /^(?:sql|SQL|raw)$/.test(name) || handle.kind === 'tx' ? { kind: 'mix', op: 'sql', of: [sql, handle] } : sql;
}

/** A piece of SQL inside of another is part of its text. */
function holeOf(value: Value): Value {
  return value.kind === 'mix' && value.op === 'sql' ? (value.of[0] ?? UNKNOWN) : value;
}
