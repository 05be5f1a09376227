import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { ImageRefused } from './image-refused.ts';
import type { JobAnswer, JobKind, JobRequest, Jobs } from './job.ts';
import { clean, cutOut, finishCutOut } from './pictures.ts';
import { transform } from './transform.ts';

// Every picture is seen once: libvips' operation cache would only hold memory.
sharp.cache(false);

async function run(request: JobRequest): Promise<JobAnswer> {
  try {
    return { status: 'done', output: await work(request) };
  } catch (error) {
    if (error instanceof ImageRefused) return { status: 'refused', reason: error.reason, details: error.details };
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    return { status: 'failed', message, stack };
  }
}

function work(request: JobRequest): Promise<Jobs[JobKind]['output']> {
  switch (request.kind) {
    case 'cutOut':
      return cutOut(request.input.bytes);
    case 'clean':
      return clean(request.input.bytes);
    case 'finishOnWhite':
      return finishCutOut(request.input.bytes);
    case 'transform':
      return transform(request.input.bytes, request.input.transform);
    default:
      return assertNever(request);
  }
}

function assertNever(request: never): never {
  throw new Error(`unknown job: ${JSON.stringify(request)}`);
}

const port = parentPort;
if (port === null) throw new Error('engine-worker runs as a worker thread only');
port.on('message', (request: JobRequest) => {
  void run(request).then((answer) => port.postMessage(answer, []));
});
