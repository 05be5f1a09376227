import { childrenOf, type Node } from '../source/ast.ts';
import { positionOf } from '../source/lines.ts';
import { placeOf, type FileModel, type Place } from '../project/file-model.ts';
import type { CodeFinding } from '../watch/moment.ts';

/** `// billing-guard-ignore BG203: reason`, for what begins on its own line or on the next line with code. */
type Suppression = {
  readonly ids: readonly string[];
  readonly reason: string;
  readonly place: Place;
  /** Lines it speaks of. */
  readonly lines: ReadonlySet<number>;
};

export type Answered = {
  readonly findings: readonly CodeFinding[];
  readonly suppressed: readonly { readonly finding: CodeFinding; readonly reason: string }[];
};

/** Sets aside what somebody answered for, and finds answers that say nothing. */
export function answer(
  files: Iterable<FileModel>,
  findings: readonly CodeFinding[],
  known: ReadonlySet<string>,
): Answered {
  const byFile = new Map([...files].map((file) => [file, readSuppressions(file)]));
  const used = new Set<Suppression>();
  const left: CodeFinding[] = [];
  const suppressed: { finding: CodeFinding; reason: string }[] = [];
  for (const finding of findings) {
    const { file, start } = finding.place;
    const lines = linesOf(file, start);
    const found = (byFile.get(file) ?? []).find(
      (each) => each.reason !== '' && each.ids.includes(finding.ruleId) && lines.some((line) => each.lines.has(line)),
    );
    if (found === undefined) left.push(finding);
    else {
      used.add(found);
      suppressed.push({ finding, reason: found.reason });
    }
  }
  const badly = [...byFile.values()].flat().flatMap((each) => judge(each, used.has(each), known));
  return { findings: [...left, ...badly], suppressed };
}

const MARK = /^[\s*]*billing-guard-ignore\b(.{0,500})/s;

function readSuppressions(file: FileModel): Suppression[] {
  if (!file.text.includes('billing-guard-ignore')) return [];
  return file.comments.flatMap((comment) => {
    const [, rest] = MARK.exec(comment.value) ?? [];
    if (rest === undefined) return [];
    const [, ids = '', reason = ''] = /^((?:[\s,]*BG\d{3})*)\s*:?(.*)$/s.exec(rest) ?? [];
    const place = placeOf(file, comment);
    const own = positionOf(file.lines, comment.start).line;
    return [
      {
        ids: ids.match(/BG\d{3}/g) ?? [],
        reason: reason.trim().replaceAll(/\s+/g, ' '),
        place,
        lines: new Set([own, nextLine(file, comment.end)]),
      },
    ];
  });
}

/** The next line that is more than a comment. */
function nextLine(file: FileModel, end: number): number {
  const { line } = positionOf(file.lines, end);
  for (let next = line + 1; next <= file.lines.length; next += 1) {
    const text = file.text.slice(file.lines[next - 1], file.lines[next] ?? file.text.length).trim();
    if (text !== '' && !/^(?:\/\/|\/?\*)/.test(text)) return next;
  }
  return line;
}

/** The line of the finding, and those on which the statements around it begin. */
function linesOf(file: FileModel, offset: number): number[] {
  const starts: number[] = [positionOf(file.lines, offset).line];
  let inside: Node[] = file.program.body;
  for (let next = inside.find((node) => node.start <= offset && node.end > offset); next !== undefined;) {
    if (/Statement$|Declaration$/.test(next.type) && next.type !== 'BlockStatement')
      starts.push(positionOf(file.lines, next.start).line);
    inside = childrenOf(next);
    next = inside.find((node) => node.start <= offset && node.end > offset);
  }
  return starts.slice(0, 1).concat(starts.slice(-1));
}

function judge(suppression: Suppression, isUsed: boolean, known: ReadonlySet<string>): CodeFinding[] {
  const { ids, reason, place } = suppression;
  const unknown = ids.filter((id) => !known.has(id));
  if (reason === '' || ids.length === 0 || unknown.length > 0)
    return [
      {
        ruleId: 'BG290',
        place,
        message:
          unknown.length > 0
            ? { zh: `没有名为 ${unknown.join('、')} 的规则`, en: `No rule is called ${unknown.join(', ')}` }
            : { zh: '忽略注释没有写明规则或理由', en: 'A suppression names no rule, or gives no reason' },
        evidence: [],
      },
    ];
  if (isUsed) return [];
  return [
    {
      ruleId: 'BG291',
      place,
      message: { zh: `这里没有 ${ids.join('、')} 可忽略`, en: `There is no ${ids.join(', ')} here to suppress` },
      evidence: [],
    },
  ];
}
