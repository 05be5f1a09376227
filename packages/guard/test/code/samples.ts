import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSources } from '../../src/code/check-sources.ts';
import type { FileWhere, Finding, Report } from '../../src/report/report.ts';

const CORPUS = join(import.meta.dirname, '..', 'corpus');
type Source = { path: string; text: string };

/** A sample: the file it is named after and what that imports. */
export type Sample = { readonly name: string; readonly kind: 'bad' | 'good'; readonly sources: readonly Source[] };
export type Mark = { readonly ruleId: string; readonly file: string; readonly line: number };

/** Samples of `main`, or of `held-out`: written before the guard was and not looked at while it was made. */
export function readSamples(corpus: 'main' | 'held-out'): Sample[] {
  const root = corpus === 'main' ? CORPUS : join(CORPUS, corpus);
  return (['bad', 'good'] as const).flatMap((kind) => {
    const folder = join(root, kind);
    // Kept as text: no other tool is to read them as code of ours.
    const files = readdirSync(folder).map((name) => name.replace(/\.txt$/, ''));
    const samples = files
      .filter((name) => /\.[jt]s$/.test(name))
      .map((name) => ({ name, kind, sources: [...reach(folder, files, name)] }));
    // What others import is no sample of its own.
    const imported = new Set(samples.flatMap(({ sources }) => sources.slice(1).map(({ path }) => path)));
    return samples.filter(({ name }) => !imported.has(name));
  });
}

function reach(
  folder: string,
  files: readonly string[],
  name: string,
  found = new Map<string, Source>(),
): Iterable<Source> {
  if (found.has(name) || !files.includes(name)) return found.values();
  const text = readFileSync(join(folder, `${name}.txt`), 'utf8');
  found.set(name, { path: name, text });
  reach(folder, files, name.replace(/\.\w+$/, '.sql'), found);
  for (const [, stem = ''] of text.matchAll(/(?:from|require\()\s*'\.\/([\w-]+)'/g))
    for (const ending of ['.ts', '.js']) reach(folder, files, stem + ending, found);
  return found.values();
}

/** `// FAIL BG201 BG204` at the end of the line that the rules are to name. */
export function marksOf(sources: readonly Source[]): Mark[] {
  return sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const [, ids = ''] = /\/\/ FAIL ((?:BG\d+ ?)+)/.exec(line) ?? [];
      return (ids.match(/BG\d+/g) ?? []).map((ruleId) => ({ ruleId, file: path, line: index + 1 }));
    }),
  );
}

export type Judged = {
  readonly sample: Sample;
  readonly report: Report;
  readonly found: readonly Mark[];
  readonly missed: readonly Mark[];
  readonly extra: readonly Finding[];
};

export function judgeSample(sample: Sample): Judged {
  const report = checkSources(sample.sources);
  const marks = marksOf(sample.sources);
  const fails = report.findings.filter(({ severity }) => severity === 'FAIL');
  const found = marks.filter((mark) => fails.some((finding) => isAt(finding, mark)));
  return {
    sample,
    report,
    found,
    missed: marks.filter((mark) => !found.includes(mark)),
    extra: fails.filter((finding) => !marks.some((mark) => isAt(finding, mark))),
  };
}

/** The finding's statement has the line in it. */
export function isAt({ ruleId, where }: Finding, mark: Mark): boolean {
  if (!('file' in where)) return false;
  const { file, line, endLine = line }: FileWhere = where;
  return ruleId === mark.ruleId && file === mark.file && line <= mark.line && mark.line <= Math.min(endLine, line + 12);
}
