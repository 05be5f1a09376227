import type { FunctionNode } from '../source/ast.ts';
import type { FnValue } from '../values/value.ts';
import type { Effect } from '../walk/walker.ts';
import type { Survey } from './survey.ts';

/**
 * `effects`: does something a rule asks about, itself or through what it calls. `words`: makes text or looks at something that
 * decides. The others are not gone into: what they give is what they were given.
 */
export type Relevance = 'effects' | 'words' | undefined;

const DECIDING =
  /member|plan|subscri|\bvip|entitle|amount|total|fee|price|sign|verif|decrypt|refund|status|state|quota|credit|balance|expires/i;
const QUIET: ReadonlySet<Effect['kind']> = new Set(['compare', 'object', 'escape', 'ending', 'lost']);

export function relevanceOf(
  { functions, callees, seen }: Survey,
  parents: ReadonlyMap<FunctionNode, FunctionNode>,
): (node: FunctionNode) => Relevance {
  const relevant = new Map<FunctionNode, Relevance>();
  const callers = new Map<FunctionNode, Set<FunctionNode>>();
  for (const [caller, called] of callees) {
    if (!('params' in caller)) continue;
    for (const node of called) callers.set(node, (callers.get(node) ?? new Set()).add(caller));
  }
  const pending: FunctionNode[] = [];
  const mark = (node: FunctionNode | undefined): void => {
    if (node === undefined || relevant.get(node) === 'effects') return;
    relevant.set(node, 'effects');
    pending.push(node);
  };
  for (const { effect, fn } of seen) if (fn !== undefined && !QUIET.has(effect.kind)) mark(fn.node);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    mark(parents.get(next));
    for (const caller of callers.get(next) ?? []) mark(caller);
  }
  for (const { effect, fn } of seen)
    if (fn !== undefined && effect.kind === 'escape' && !relevant.has(fn.node)) relevant.set(fn.node, 'words');
  for (const [node, { file }] of functions) {
    if (relevant.has(node) || node.end - node.start > 4_000) continue;
    const text = file.text.slice(node.start, node.end);
    if (text.includes('`') || (DECIDING.test(text) && /\bif\b|\?|&&|\|\||===/.test(text))) relevant.set(node, 'words');
  }
  // Who asks somebody that decides, decides.
  const deciding = [...relevant].filter(([, relevance]) => relevance === 'words').map(([node]) => node);
  for (let next = deciding.pop(); next !== undefined; next = deciding.pop())
    for (const caller of callers.get(next) ?? [])
      if (!relevant.has(caller)) {
        relevant.set(caller, 'words');
        deciding.push(caller);
      }
  return (node) => relevant.get(node);
}

/** The function each function is written in: of those around it, the one that begins last. */
export function parentsOf(functions: ReadonlyMap<FunctionNode, FnValue>): Map<FunctionNode, FunctionNode> {
  const parents = new Map<FunctionNode, FunctionNode>();
  for (const list of Map.groupBy(functions.values(), ({ file }) => file).values()) {
    const open: FunctionNode[] = [];
    for (const { node } of list.toSorted(
      (one, other) => one.node.start - other.node.start || other.node.end - one.node.end,
    )) {
      while ((open.at(-1)?.end ?? Infinity) <= node.start) open.pop();
      const owner = open.at(-1);
      if (owner !== undefined) parents.set(node, owner);
      open.push(node);
    }
  }
  return parents;
}
