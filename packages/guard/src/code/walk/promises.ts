import { UNKNOWN, type Value } from '../values/value.ts';
import { branch } from './branch.ts';
import type { CallReader } from './call.ts';
import { settle } from './expressions.ts';
import { inputsOf, invoke } from './functions.ts';
import { noteSwallowedBy } from './unawaited.ts';

const ALL = new Set(['all', 'allSettled', 'race', 'any']);

/** Promises are their values; what is chained to them runs where they are. */
export const readPromise: CallReader = (call) => {
  const { w, name, args, receiver, receiverText, place } = call;
  const [first, second] = args;
  if (receiverText === 'Promise' || receiverText.endsWith('Bluebird')) {
    if (ALL.has(name) && first !== undefined) return settle(w, first, place);
    if (name === 'resolve') return first ?? UNKNOWN;
    if (name === 'try' && first?.kind === 'fn') return invoke(w, first, args.slice(1), place);
    return name === 'reject' ? UNKNOWN : undefined;
  }
  if (receiver === undefined || receiver.kind === 'external') return undefined;
  if (name === 'then' && first?.kind === 'fn') {
    const value = settle(w, receiver, place);
    const result = invoke(w, first, [value], place);
    if (second !== undefined) noteSwallowedBy(call, second);
    return result;
  }
  if (name === 'catch' && args.length === 1) {
    const value = settle(w, receiver, place);
    noteSwallowedBy(call, first);
    if (first?.kind === 'fn') {
      const fn = first;
      branch(
        w,
        () =>
          void invoke(
            w,
            fn,
            inputsOf(fn, () => false),
            place,
          ),
        noOp,
      );
    }
    return value;
  }
  if (name === 'finally' && first?.kind === 'fn') {
    const value: Value = settle(w, receiver, place);
    invoke(w, first, [], place);
    return value;
  }
  return undefined;
};

function noOp(): void {
  // The other way: nothing was thrown.
}
