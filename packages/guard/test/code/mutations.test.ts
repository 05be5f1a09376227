import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findingOf, readTree } from '../../src/code/check-sources.ts';
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
const schema = readSchema(tree.texts);

function modelOf(path: string, text: string): FileModel {
  const read = readModel(path, text);
  if (read.kind === 'unjudged') throw new Error(`${path}: ${read.reason}`);
  return read.model;
}

/** What the guard says of everything that leads to the file, with this text in it. */
function judge(path: string, text: string): Finding[] {
  const model = modelOf(path, text);
  survey.replace(model);
  return reviewTree(survey, rolesOf(survey, schema), leadingTo(survey, model)).findings.map(findingOf);
}

function textOf(path: string): string {
  const file = tree.files.get(path);
  if (file === undefined) throw new Error(`${path} is not in the tree`);
  return file.text;
}

function mutated({ file, find, replace }: Mutation): string {
  const parts = textOf(file).split(find);
  if (parts.length !== 2) throw new Error(`${file} has what is to be replaced ${parts.length - 1} times:\n${find}`);
  return parts.join(replace);
}

const rows: { mutation: string; rule: string; 'found at': string }[] = [];

it.each(MUTATIONS.map((mutation) => [`${mutation.ruleId}: ${mutation.says}`, mutation] as const))(
  '%s',
  (_name, mutation) => {
    const text = mutated(mutation);
    const findings = judge(mutation.file, text);
    survey.replace(modelOf(mutation.file, textOf(mutation.file)));
    const at = mutation.at ?? mutation.file;
    const lines = (at === mutation.file ? text : textOf(at)).split('\n');
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
