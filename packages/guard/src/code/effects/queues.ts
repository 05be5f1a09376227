import { typeText } from '../project/types.ts';
import { mix, originsOf, UNKNOWN, type Value } from '../values/value.ts';
import type { Call, CallReader } from '../walk/call.ts';
import { emit } from '../walk/walker.ts';

const ADDING = new Set(['add', 'addBulk', 'enqueue', 'createJob', 'sendToQueue', 'publish', 'addJob', 'sendMessage']);
const LIBRARIES =
  /^(?:bullmq|bull|bee-queue|agenda|pg-boss|amqplib|kafkajs|@aws-sdk\/client-sqs|@nestjs\/bull(?:mq)?)$/;

/** Work handed to a queue outside of the database. */
export const readQueue: CallReader = (call) => {
  const library = ADDING.has(call.name) ? libraryOf(call) : undefined;
  if (library === undefined) return undefined;
  const options = call.args.flatMap(optionObjects);
  const holder = options.find((props) => props.has('jobId') || props.has('job_id'));
  emit(call.w, {
    kind: 'enqueue',
    library,
    jobId: holder?.get('jobId'),
    isForgotten: holder !== undefined && ['removeOnComplete', 'removeOnFail'].every((key) => isGiven(holder.get(key))),
    name: originsOf(call.args[0] ?? UNKNOWN)
      .flatMap((value) => (value.kind === 'literal' ? [String(value.value)] : []))
      .join(' '),
    place: call.place,
  });
  return mix('job', []);
};

function isGiven(value: Value | undefined): boolean {
  return value !== undefined && !(value.kind === 'literal' && value.value === false);
}

/** Job options lie in an argument, or in the `opts` of each job of a list. */
function optionObjects(value: Value): ReadonlyMap<string, Value>[] {
  if (value.kind === 'list') return value.items.flatMap(optionObjects);
  if (value.kind === 'either') return value.options.flatMap((option) => optionObjects(option.value));
  if (value.kind !== 'object') return [];
  const nested = value.props.get('opts') ?? value.props.get('options');
  return [value.props, ...(nested === undefined ? [] : optionObjects(nested))];
}

function libraryOf({ receiver, receiverText, name }: Call): string | undefined {
  // A queue may be kept in a list or a map.
  for (const origin of receiver === undefined ? [] : originsOf(receiver)) {
    if (origin.kind === 'external' && LIBRARIES.test(origin.source)) return origin.source;
    if (origin.kind === 'input' && /\bQueue\b/.test(typeText(origin.type))) return 'bullmq';
  }
  if (receiver?.kind === 'external') return undefined;
  const last = receiverText.split('.').at(-1) ?? '';
  if (receiver?.kind === 'list' || receiver?.kind === 'tx' || receiver?.kind === 'query') return undefined;
  // Where many are kept by their names: `queues.get(name)`.
  if (/queue$/i.test(last) || /queues\.get$/i.test(receiverText)) return 'bullmq';
  return /^channel$/i.test(last) && name === 'sendToQueue' ? 'amqplib' : undefined;
}
