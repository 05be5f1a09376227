import { pathToFileURL } from 'node:url';
import type { FromFunction, ToFunction } from './run-function.ts';

/** One invocation in a process of its own: told by its parent which file, event and context; tells what came of it. */
async function invoke({ entry, event, context }: ToFunction): Promise<FromFunction> {
  try {
    const loaded: { main_handler?: unknown } = await import(pathToFileURL(entry).href);
    if (typeof loaded.main_handler !== 'function') throw new Error('HandlerNotFound: main_handler');
    const value: unknown = await loaded.main_handler(event, context);
    return { ok: true, value: JSON.stringify(value ?? null) };
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { ok: false, message, stack: error instanceof Error ? (error.stack ?? '') : '' };
  }
}

process.once('message', (told: ToFunction) => {
  void invoke(told).then((answer) => process.send?.(answer, undefined, undefined, () => process.exit(0)));
});
// Nobody is left to tell: the sandbox is gone.
process.once('disconnect', () => process.exit(1));
