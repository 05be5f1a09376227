#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { runCli } from './run-cli.ts';

/** As much as a check keeps at once; the 96 MB that V8 would take make it no faster. */
const YOUNG_MB = 24;

if (isMainThread) {
  // A check is over before what V8's last compiler makes of it has paid for the compiling.
  setFlagsFromString('--no-opt');
  const worker = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
    workerData: process.stdout.isTTY && process.stdout.hasColors(),
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  worker.on('exit', (code) => {
    process.exitCode = code;
  });
} else
  process.exitCode = await runCli(process.argv.slice(2), {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    hasColour: workerData === true,
    cwd: process.cwd(),
  });
