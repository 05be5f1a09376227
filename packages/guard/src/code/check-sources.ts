import { reportOf } from '../report/verdict.ts';
import type { Finding, Report, Unjudged } from '../report/report.ts';
import type { FileModel, Place } from './project/file-model.ts';
import { readModel } from './project/read-model.ts';
import { readManifest, type Manifest } from './project/resolve-import.ts';
import { rolesOf } from './roles/roles.ts';
import { readSchema } from './roles/schema.ts';
import { Survey } from './roles/survey.ts';
import { codeRuleDocs } from './rule-docs.ts';
import type { SourceFile } from './source/find-sources.ts';
import { lineStarts, positionOf } from './source/lines.ts';
import { answer } from './suppressions/suppressions.ts';
import type { CodeFinding } from './watch/moment.ts';
import { reviewTree } from './watch/review.ts';

/** A tree that has been read. */
export type Tree = {
  readonly files: ReadonlyMap<string, FileModel>;
  readonly manifests: readonly Manifest[];
  /** All texts, those of schema files among them. */
  readonly texts: readonly { readonly path: string; readonly text: string }[];
  readonly unjudged: readonly Unjudged[];
};

const SEVERITIES = new Map(codeRuleDocs.map(({ id, severity }) => [id, severity]));

/** Judges a tree of sources by the code rules. */
export function checkSources(sources: readonly SourceFile[]): Report {
  const tree = readTree(sources);
  const { findings, suppressed, unfollowed } = judgeTree(tree);
  return reportOf({
    findings: findings.map(findingOf),
    suppressed: suppressed.map(({ finding, reason }) => ({ finding: findingOf(finding), reason })),
    unjudged: [...tree.unjudged, ...unfollowed],
    items: tree.files.size,
    rules: codeRuleDocs.length,
  });
}

/** Parses what is code; what can not be judged is said, not left out. */
export function readTree(sources: readonly SourceFile[]): Tree {
  const files = new Map<string, FileModel>();
  const manifests: Manifest[] = [];
  const texts: { path: string; text: string }[] = [];
  const unjudged: Unjudged[] = [];
  for (const source of sources) {
    if (source.text === undefined) {
      unjudged.push(unjudgedAt(source.path, source.reason));
      continue;
    }
    const { path, text } = source;
    if (path.endsWith('package.json')) {
      const manifest = readManifest(path, text);
      if (manifest !== undefined) manifests.push(manifest);
      continue;
    }
    texts.push({ path, text });
    if (path.endsWith('.sql') || path.endsWith('.prisma')) continue;
    const read = readModel(path, text);
    if (read.kind === 'unjudged')
      unjudged.push(unjudgedAt(path, read.reason, positionOf(lineStarts(text), read.offset)));
    else files.set(path, read.model);
  }
  return { files, manifests, texts, unjudged };
}

function unjudgedAt(file: string, reason: string, at = { line: 1, column: 1 }): Unjudged {
  return { where: { file, ...at }, reason: { zh: `无法判定：${reason}`, en: `could not be judged: ${reason}` } };
}

type JudgedTree = ReturnType<typeof answer> & { readonly unfollowed: readonly Unjudged[] };

/** Survey, roles, review, answers: everything that is said about a tree. */
function judgeTree({ files, manifests, texts }: Tree): JudgedTree {
  const survey = new Survey(files, manifests);
  const roles = rolesOf(survey, readSchema(texts));
  const { findings, unfollowed } = reviewTree(survey, roles);
  return {
    ...answered(files.values(), findings),
    unfollowed: unfollowed.map(({ place, reason }) =>
      unjudgedAt(place.file.path, reason, positionOf(place.file.lines, place.start)),
    ),
  };
}

/** The findings of these files that nobody answered for, and those that somebody did. */
export function answered(files: Iterable<FileModel>, findings: readonly CodeFinding[]): ReturnType<typeof answer> {
  return answer(files, findings, new Set(SEVERITIES.keys()));
}

/** As reports have it. */
export function findingOf({ ruleId, place, message, evidence }: CodeFinding): Finding {
  return {
    ruleId,
    severity: SEVERITIES.get(ruleId) ?? 'FAIL',
    message,
    where: whereOf(place),
    evidence: [...evidence],
  };
}

function whereOf({ file, start, end }: Place): {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
} {
  const last = positionOf(file.lines, end);
  return { file: file.path, ...positionOf(file.lines, start), endLine: last.line, endColumn: last.column };
}
