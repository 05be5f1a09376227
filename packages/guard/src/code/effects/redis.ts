import { typeText } from '../project/types.ts';
import { mix, UNKNOWN } from '../values/value.ts';
import type { Call, CallReader } from '../walk/call.ts';
import { emit } from '../walk/walker.ts';

const COMMANDS = new Set([
  'decr',
  'decrby',
  'incr',
  'incrby',
  'incrbyfloat',
  'hincrby',
  'hincrbyfloat',
  'set',
  'setex',
  'setnx',
  'hset',
  'get',
  'hget',
  'eval',
  'zadd',
  'zincrby',
  'del',
  'expire',
]);

/** Commands to Redis, whichever client sends them. */
export const readRedis: CallReader = (call) => {
  const command = call.name.toLowerCase();
  if (!COMMANDS.has(command) || !isRedis(call)) return undefined;
  emit(call.w, { kind: 'redis', command, key: call.args[0] ?? UNKNOWN, place: call.place });
  return mix('redis', call.args);
};

function isRedis({ receiver, receiverText }: Call): boolean {
  if (receiver?.kind === 'external')
    return /^(?:ioredis|redis|@redis\/client|@upstash\/redis|@vercel\/kv)$/.test(receiver.source);
  if (receiver?.kind === 'input' && /\bRedis\b/.test(typeText(receiver.type))) return true;
  return /(?:^|\.)(?:redis|redisClient|kv|pipeline|multi)$/i.test(receiverText);
}
