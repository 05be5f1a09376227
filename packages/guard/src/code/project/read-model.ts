import { parseSource, type Parsed } from '../source/parse-source.ts';
import { buildModel } from './build-model.ts';
import type { FileModel } from './file-model.ts';

/** A file of code, or why it can not be judged. */
export function readModel(
  path: string,
  text: string,
): { readonly kind: 'model'; readonly model: FileModel } | Extract<Parsed, { kind: 'unjudged' }> {
  const parsed = parseSource(path, text);
  if (parsed.kind === 'unjudged') return parsed;
  const { program, comments } = parsed;
  return { kind: 'model', model: buildModel({ path, text, program, comments }) };
}
