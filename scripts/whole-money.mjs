// Finds arithmetic by which an amount of money could stop being whole: amounts are fen or micro-yuan, and are divided, multiplied by a
// fraction, or put through floating-point text only where a function is named for its rounding.
import { parseSync } from 'oxc-parser';

/** The name of an amount: `priceFen`, `fen`, `costMicroYuan`, `MICRO_YUAN_PER_FEN`, `amount_micro_yuan`. */
const AMOUNT = /(?:^|_|[a-z0-9])(?:fen|micro_?yuan)$/i;
const FLOATING_CALLS = new Set(['parseFloat', 'toFixed', 'toPrecision', 'toExponential']);

/** Where in a source an amount is at risk: `{ line, what }`. */
export function amountsAtRisk(name, text) {
  const { program } = parseSync(name, text);
  const found = [];
  walk(program, (node) => {
    const what = riskOf(node);
    if (what !== undefined) found.push({ line: text.slice(0, node.start).split('\n').length, what });
  });
  return found;
}

function riskOf(node) {
  if (node.type === 'BinaryExpression' || node.type === 'AssignmentExpression') {
    const sides = [node.left, node.right];
    const operator = node.operator.replace(/=$/, '');
    if (!sides.some(hasAmount) || sides.some(isBigInt)) return undefined;
    if (operator === '/') return 'divides an amount';
    if (operator === '*' && sides.some(isFraction)) return 'multiplies an amount by a fraction';
  }
  if (node.type === 'CallExpression' && FLOATING_CALLS.has(calledName(node.callee)))
    if ([node.callee, ...node.arguments].some(hasAmount)) return `puts an amount through ${calledName(node.callee)}`;
  return undefined;
}

function calledName({ type, name, property }) {
  return type === 'MemberExpression' ? property?.name : name;
}

/** Operands of the same sum; what a function makes of its arguments is named by the function. */
function hasAmount(node) {
  switch (node?.type) {
    case 'Identifier':
      return AMOUNT.test(node.name);
    case 'MemberExpression':
      return (
        AMOUNT.test(node.property.name ?? '') ||
        (node.property.name !== undefined && FLOATING_CALLS.has(node.property.name) && hasAmount(node.object))
      );
    case 'BinaryExpression':
      return hasAmount(node.left) || hasAmount(node.right);
    case 'UnaryExpression':
      return hasAmount(node.argument);
    case 'ParenthesizedExpression':
    case 'TSNonNullExpression':
    case 'TSAsExpression':
      return hasAmount(node.expression);
    case 'CallExpression':
      return (
        AMOUNT.test(calledName(node.callee) ?? '') ||
        (calledOn(node.callee) === 'Math' && node.arguments.some(hasAmount))
      );
    default:
      return false;
  }
}

function calledOn(callee) {
  return callee.type === 'MemberExpression' ? callee.object.name : undefined;
}

function isBigInt(node) {
  let found = false;
  walk(node, (inner) => {
    if (inner.type === 'Literal' && inner.bigint !== undefined && inner.bigint !== null) found = true;
    if (inner.type === 'CallExpression' && calledName(inner.callee) === 'BigInt') found = true;
  });
  return found;
}

function isFraction(node) {
  return node.type === 'Literal' && typeof node.value === 'number' && !Number.isInteger(node.value);
}

function walk(node, visit) {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit);
    return;
  }
  if (typeof node.type === 'string') visit(node);
  for (const [key, value] of Object.entries(node)) if (key !== 'parent') walk(value, visit);
}
