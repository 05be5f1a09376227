import { join } from 'node:path';
import { expect, it } from 'vitest';
import { answered, findingOf, readTree } from '../../src/code/check-sources.ts';
import type { FileModel } from '../../src/code/project/file-model.ts';
import { readModel } from '../../src/code/project/read-model.ts';
import { rolesOf } from '../../src/code/roles/roles.ts';
import { readSchema } from '../../src/code/roles/schema.ts';
import { Survey } from '../../src/code/roles/survey.ts';
import { findSources, type SourceFile } from '../../src/code/source/find-sources.ts';
import { leadingTo } from '../../src/code/watch/entries.ts';
import { reviewTree } from '../../src/code/watch/review.ts';
import type { Finding } from '../../src/report/report.ts';
import { MUTATIONS, type Mutation } from './mutations.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const ROOMS = [
  'packages/accounts',
  'packages/backup',
  'packages/billing',
  'packages/contracts',
  'packages/db',
  'packages/pipeline',
  'packages/queue',
  'apps/server',
  'apps/worker',
];

const sources: SourceFile[] = [];
for (const room of ROOMS) sources.push(...findSources(join(ROOT, room), { from: ROOT }));
const tree = readTree(sources);
const survey = new Survey(tree.files, tree.manifests);

function modelOf(path: string, text: string): FileModel {
  const read = readModel(path, text);
  if (read.kind === 'unjudged') throw new Error(`${path}: ${read.reason}`);
  return read.model;
}

function textOf(path: string): string {
  const text = tree.texts.find((each) => each.path === path)?.text;
  if (text === undefined) throw new Error(`${path} is not in the tree`);
  return text;
}

/** The files of a mutation with its mistakes in them. */
function mutated({ also = [], ...first }: Mutation): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { file, find, replace } of [first, ...also]) {
    const parts = (texts.get(file) ?? textOf(file)).split(find);
    if (parts.length !== 2) throw new Error(`${file} has what is to be replaced ${parts.length - 1} times:\n${find}`);
    texts.set(file, parts.join(replace));
  }
  return texts;
}

/** What the guard says of everything that leads to the files, with these texts in them. */
function judge(texts: ReadonlyMap<string, string>): Finding[] {
  const models = [...texts].filter(([path]) => tree.files.has(path)).map(([path, text]) => modelOf(path, text));
  for (const model of models) survey.replace(model);
  const schema = readSchema(tree.texts.map(({ path, text }) => ({ path, text: texts.get(path) ?? text })));
  const leading = new Set(models.flatMap((model) => [...leadingTo(survey, model)]));
  const { findings } = reviewTree(survey, rolesOf(survey, schema), leading);
  return answered(models, findings).findings.map(findingOf);
}

const rows: { mutation: string; rule: string; 'found at': string }[] = [];

it.each(MUTATIONS.map((mutation) => [`${mutation.ruleId}: ${mutation.says}`, mutation] as const))(
  '%s',
  (_name, mutation) => {
    const texts = mutated(mutation);
    const findings = judge(texts);
    for (const path of texts.keys()) if (tree.files.has(path)) survey.replace(modelOf(path, textOf(path)));
    const at = mutation.at ?? mutation.file;
    const lines = (texts.get(at) ?? textOf(at)).split('\n');
    const places = findings.flatMap(({ ruleId, where }) =>
      'file' in where && ruleId === mutation.ruleId && where.file === at ? [where] : [],
    );
    const hit = places.find(({ line, endLine = line }) =>
      lines.slice(line - 1, endLine).some((each) => each.includes(mutation.line)),
    );
    rows.push({
      mutation: mutation.says,
      rule: mutation.ruleId,
      'found at': hit === undefined ? 'MISSED' : `${at}:${hit.line}`,
    });
    expect(
      hit,
      `found ${findings.map(({ ruleId, where }) => `${ruleId} ${JSON.stringify(where)}`).join('\n')}`,
    ).toBeDefined();
  },
);

it('prints its table', () => {
  console.table(rows);
  expect(rows).toHaveLength(MUTATIONS.length);
});
