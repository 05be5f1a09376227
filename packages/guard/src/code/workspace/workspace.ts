import { statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Finding } from '../../report/report.ts';
import { answered, findingOf, readTree } from '../check-sources.ts';
import type { FileModel } from '../project/file-model.ts';
import { readModel } from '../project/read-model.ts';
import { rolesOf, type Roles } from '../roles/roles.ts';
import { readSchema, type Schema } from '../roles/schema.ts';
import { Survey } from '../roles/survey.ts';
import { isCode, isSourcePath, listSources, readSource } from '../source/find-sources.ts';
import { leadingTo } from '../watch/entries.ts';
import type { CodeFinding } from '../watch/moment.ts';
import { reviewTree } from '../watch/review.ts';

type Loaded = {
  readonly survey: Survey;
  readonly schema: Schema;
  readonly stamps: Map<string, number>;
  roles: Roles;
  /** What is known to be said of files; of all of them as long as none has changed. */
  answers: Map<string, readonly Finding[]> | undefined;
};

/** How old what is known of the other files may be. */
const FRESH_MS = 2_000;

/** A tree that is kept in memory: when a file changes, only what leads to it is judged again. For editors and linters. */
export class Workspace {
  readonly #root: string;
  #loaded: Loaded | undefined;
  #seenAt = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** What the rules say of a file with this text; nothing of one that `billing-guard check` would leave out. */
  judge(path: string, text: string): readonly Finding[] {
    const name = relative(this.#root, path).split(sep).join('/');
    if (name.startsWith('../') || !isSourcePath(name) || !isCode(name)) return [];
    const loaded = this.#fresh();
    if (loaded.survey.project.files.get(name)?.text !== text && !put(loaded, name, text)) return [];
    const file = loaded.survey.project.files.get(name);
    if (file === undefined) return [];
    loaded.answers ??= judgeAll(loaded);
    const known = loaded.answers.get(name) ?? judgeOne(loaded, file);
    loaded.answers.set(name, known);
    return known;
  }

  #fresh(): Loaded {
    if (this.#loaded !== undefined && Date.now() - this.#seenAt < FRESH_MS) return this.#loaded;
    const { paths } = listSources(this.#root);
    const stamps = new Map(paths.map((path) => [relative(this.#root, path).split(sep).join('/'), stampOf(path)]));
    this.#loaded = this.#loaded === undefined ? this.#load(stamps) : this.#follow(this.#loaded, stamps);
    this.#seenAt = Date.now();
    return this.#loaded;
  }

  #load(stamps: Map<string, number>): Loaded {
    const { files, manifests, texts } = readTree(
      [...stamps.keys()].map((name) => readSource(join(this.#root, name), name)),
    );
    const survey = new Survey(files, manifests);
    const schema = readSchema(texts);
    return { survey, schema, stamps, roles: rolesOf(survey, schema), answers: undefined };
  }

  /** Takes in what has changed on the disk; files that came or went change how all of them lead to each other. */
  #follow(loaded: Loaded, stamps: Map<string, number>): Loaded {
    const changed = [...stamps].filter(([name, stamp]) => loaded.stamps.get(name) !== stamp).map(([name]) => name);
    const isSame = stamps.size === loaded.stamps.size && changed.every((name) => loaded.stamps.has(name));
    if (!isSame || !changed.every(isCode)) return this.#load(stamps);
    for (const name of changed) {
      loaded.stamps.set(name, stamps.get(name) ?? 0);
      const source = readSource(join(this.#root, name), name);
      if (source.text !== undefined && source.text !== loaded.survey.project.files.get(name)?.text)
        put(loaded, name, source.text);
    }
    return loaded;
  }
}

function stampOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** False when the text does not parse: what was known of the file stays. */
function put(loaded: Loaded, name: string, text: string): boolean {
  const read = readModel(name, text);
  if (read.kind === 'unjudged') return false;
  loaded.survey.replace(read.model);
  loaded.roles = rolesOf(loaded.survey, loaded.schema);
  loaded.answers = new Map();
  return true;
}

function judgeAll({ survey, roles }: Loaded): Map<string, readonly Finding[]> {
  const { files } = survey.project;
  const said = Map.groupBy(reviewTree(survey, roles).findings, ({ place }) => place.file.path);
  return new Map([...files.values()].map((file) => [file.path, answersOf(file, said.get(file.path) ?? [])]));
}

function judgeOne({ survey, roles }: Loaded, file: FileModel): readonly Finding[] {
  const { findings } = reviewTree(survey, roles, leadingTo(survey, file));
  return answersOf(
    file,
    findings.filter(({ place }) => place.file === file),
  );
}

function answersOf(file: FileModel, findings: readonly CodeFinding[]): readonly Finding[] {
  return answered([file], findings).findings.map(findingOf);
}
