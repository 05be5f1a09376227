import { JSONPath } from 'jsonpath-plus';

/** What `${…}` can read. Files are FileRefs already; `env` holds listed names only. */
export type MappingSources = {
  inputData: Readonly<Record<string, unknown>>;
  stepOutputs: readonly Readonly<Record<string, unknown>>[];
  taskId: string;
  userId: string;
  env: Readonly<Record<string, string>>;
};

const WHOLE = /^\$\{([^}]*)\}$/;
const PART = /\$\{([^}]*)\}/g;
const STEP = /^steps\[(\d+)\]\.output\.(\w+)$/;

/**
 * The input of a step. A text that is one `${source}` becomes the value itself, within a longer text its words; everything
 * else passes through. A value that is not there (an optional field left empty) leaves its key out.
 */
export function resolveInput(
  mapping: Readonly<Record<string, unknown>>,
  sources: MappingSources,
): Record<string, unknown> {
  const resolved: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(mapping)) {
    const found = resolveValue(value, sources);
    if (found !== undefined) resolved[key] = found;
  }
  return resolved;
}

/** Texts are resolved whatever their depth; an absent value leaves its place in a list out too. */
function resolveValue(value: unknown, sources: MappingSources): unknown {
  if (typeof value === 'string') return resolveText(value, sources);
  if (Array.isArray(value))
    return value.map((item) => resolveValue(item, sources)).filter((item) => item !== undefined);
  if (typeof value === 'object' && value !== null) return resolveInput({ ...value }, sources);
  return value;
}

function resolveText(text: string, sources: MappingSources): unknown {
  const whole = WHOLE.exec(text)?.[1];
  if (whole !== undefined) return lookUp(whole, sources);
  return text.replaceAll(PART, (_all, source: string) => wordsOf(lookUp(source, sources)));
}

function lookUp(source: string, sources: MappingSources): unknown {
  if (source === 'task_id') return sources.taskId;
  if (source === 'user_id') return sources.userId;
  if (source.startsWith('input_data.')) return own(sources.inputData, source.slice('input_data.'.length));
  if (source.startsWith('env.')) return own(sources.env, source.slice('env.'.length));
  const [, index, name] = STEP.exec(source) ?? [];
  return index === undefined || name === undefined ? undefined : own(sources.stepOutputs[Number(index)] ?? {}, name);
}

function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The output of a step by JSONPath, with scripts and filters off; `missing` names what the body does not have. */
export function resolveOutput(
  mapping: Readonly<Record<string, string>>,
  body: Readonly<Record<string, unknown>>,
): { output: Record<string, unknown>; missing: string[] } {
  const output: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const [key, path] of Object.entries(mapping)) {
    const found = readPath(path, body);
    if (found === undefined || found === null) missing.push(key);
    else output[key] = found;
  }
  return { output, missing };
}

/** Undefined also for a path that would run a script: it names nothing here. */
function readPath(path: string, body: Readonly<Record<string, unknown>>): unknown {
  try {
    return JSONPath({ path, json: body, wrap: false, eval: false });
  } catch {
    return undefined;
  }
}
