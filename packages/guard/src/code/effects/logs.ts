import { UNDEFINED } from '../values/value.ts';
import type { CallReader } from '../walk/call.ts';
import { emit } from '../walk/walker.ts';

const LEVELS = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'log', 'verbose', 'notice']);
const LOGGER = /(?:^|\.)(?:console|log|logger|logging|pino|winston|childLogger|reqLog|Logger)$/i;

/** What is written down for people to read later. */
export const readLog: CallReader = ({ w, name, receiverText, args, node, place }) => {
  if (!LEVELS.has(name) || !LOGGER.test(receiverText)) return undefined;
  emit(w, { kind: 'log', args: node.arguments, values: args, place });
  return UNDEFINED;
};
