import { Malformed, readClosedRecord, readInteger, readList, readRecord, readText } from './plain.ts';
import type { PlainRecord } from './plain.ts';

/** Where the function may put one output: a presigned PUT for one key of our bucket. */
export interface InvocationUpload {
  /** The output's name: `poster`, `grid`, `video`, `texts`. */
  readonly name: string;
  readonly key: string;
  readonly putUrl: string;
  /** Must be sent as it stands: it is part of what was signed. */
  readonly contentType: string;
}

/** The event of an asynchronous invocation; at most 128 KB as JSON. */
export interface Invocation {
  /** One per attempt. The same id means the same work: it is answered again, not done again. */
  readonly jobId: string;
  readonly taskId: string;
  readonly stepIndex: number;
  /** `poster-composer`, `image-grid`, `video-composer` or `text-templates`. */
  readonly function: string;
  /** What the step's input mapping gave, judged by the function itself. */
  readonly input: PlainRecord;
  /** `path` is what is signed: the path as the receiver sees it, also behind a proxy that adds a prefix to `url`. */
  readonly callback: { readonly url: string; readonly path: string };
  readonly uploads: readonly InvocationUpload[];
  /** Signed GET addresses of the inputs by name; a list keeps its order: `{ pictures: ['https://…', 'https://…'] }`. */
  readonly downloads: Readonly<Record<string, string | readonly string[]>>;
}

/** Longest event, in bytes of JSON, that the vendor takes for an asynchronous invocation. */
export const invocationBytesMax = 128 * 1024;

const idPattern = /^[\w:.-]+$/;
const namePattern = /^[A-Za-z]\w*$/;
const urlMax = 4096;

/** Throws {@link Malformed} with the place. Addresses are only read as text: which hosts are allowed is the function's setting. */
export function parseInvocation(value: unknown): Invocation {
  const keys = ['jobId', 'taskId', 'stepIndex', 'function', 'input', 'callback', 'uploads', 'downloads'];
  const event = readClosedRecord(value, 'event', keys);
  return {
    ...parseReplyTo(event),
    taskId: readText(event.taskId, 'taskId', { max: 128, pattern: idPattern }),
    stepIndex: readInteger(event.stepIndex, 'stepIndex', { min: 0, max: 100 }),
    function: readText(event.function, 'function', { max: 64, pattern: /^[a-z][a-z\d-]*$/ }),
    input: readRecord(event.input, 'input'),
    uploads: readList(event.uploads, 'uploads', { max: 64 }).map((upload, i) => readUpload(upload, `uploads[${i}]`)),
    downloads: Object.fromEntries(Object.entries(readRecord(event.downloads, 'downloads')).map(readDownload)),
  };
}

/** The least that must be right for a failure to be told at all. */
export function parseReplyTo(value: unknown): Pick<Invocation, 'jobId' | 'callback'> {
  const event = readRecord(value, 'event');
  const callback = readClosedRecord(event.callback, 'callback', ['url', 'path']);
  return {
    jobId: readText(event.jobId, 'jobId', { max: 128, pattern: idPattern }),
    callback: {
      url: readText(callback.url, 'callback.url', { max: urlMax }),
      path: readText(callback.path, 'callback.path', { max: 512, pattern: /^\/[^\r\n]*$/ }),
    },
  };
}

function readUpload(value: unknown, place: string): InvocationUpload {
  const upload = readClosedRecord(value, place, ['name', 'key', 'putUrl', 'contentType']);
  return {
    name: readText(upload.name, `${place}.name`, { max: 64, pattern: namePattern }),
    key: readText(upload.key, `${place}.key`, { max: 512 }),
    putUrl: readText(upload.putUrl, `${place}.putUrl`, { max: urlMax }),
    contentType: readText(upload.contentType, `${place}.contentType`, { max: 100 }),
  };
}

function readDownload([name, value]: [string, unknown]): [string, string | readonly string[]] {
  readText(name, 'downloads', { max: 64, pattern: namePattern });
  const place = `downloads.${name}`;
  if (typeof value === 'string') return [name, readText(value, place, { max: urlMax })];
  const urls = readList(value, place, { max: 64 }).map((url, i) => readText(url, `${place}[${i}]`, { max: urlMax }));
  if (urls.length === 0) throw new Malformed(place, 'is an empty list');
  return [name, urls];
}
