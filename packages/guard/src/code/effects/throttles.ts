import type { CallReader } from '../walk/call.ts';
import { inputsOf, invoke } from '../walk/functions.ts';
import { emit } from '../walk/walker.ts';

const LIMITERS = /rate-?limit|slow-?down|throttl|limiter/i;

/** By what a rate limit tells its callers apart. */
export const readThrottle: CallReader = (call) => {
  const { w, args, name, receiverText, callee, place } = call;
  const source = callee.kind === 'external' ? callee.source : '';
  const isLimiter = LIMITERS.test(`${source} ${receiverText} ${name}`);
  if (!isLimiter) return undefined;
  for (const arg of args) {
    if (arg.kind !== 'object') continue;
    const keyed =
      arg.props.get('keyGenerator') ?? arg.props.get('keyFn') ?? arg.props.get('key') ?? arg.props.get('getKey');
    if (keyed?.kind === 'fn')
      emit(w, {
        kind: 'throttle',
        key: invoke(
          w,
          keyed,
          inputsOf(keyed, () => true),
          undefined,
        ),
        place: { file: keyed.file, start: keyed.node.start, end: keyed.node.end },
      });
    else if (keyed !== undefined) emit(w, { kind: 'throttle', key: keyed, place });
  }
  if (/^(?:consume|limit|check|hit|attempt|allow)$/.test(name) && args[0] !== undefined)
    emit(w, { kind: 'throttle', key: args[0], place });
  return undefined;
};
