#!/usr/bin/env node
// Invokes one function as the platform does: the event as JSON on standard input, the answer as JSON on standard output.
//   node --conditions=yunshang-src functions/run.mjs poster-composer [time limit in ms] < event.json
//   node functions/run.mjs functions/dist/poster-composer/index.js < event.json
// Exits with 1 when main_handler throws, which the platform takes as a reason to invoke again.
import { json } from 'node:stream/consumers';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [target, timeLimitMs = '60000'] = process.argv.slice(2);
if (target === undefined) {
  console.error('run: which function?');
  process.exit(2);
}
const file = /[/\\]/.test(target) ? resolve(target) : join(import.meta.dirname, target, 'src/index.ts');
try {
  const { main_handler } = await import(pathToFileURL(file).href);
  const answer = await main_handler(await json(process.stdin), { time_limit_in_ms: Number(timeLimitMs) });
  console.log(JSON.stringify(answer));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
