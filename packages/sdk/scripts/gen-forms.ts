// Makes src/forms.gen.ts from the sources of packages/forms, which the published package can not depend on:
// node scripts/gen-forms.ts [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sdk = join(import.meta.dirname, '..');
const room = join(sdk, '..', 'forms', 'src');
const target = join(sdk, 'src', 'forms.gen.ts');

/** Each after what it imports. */
const FILES = ['field-issue.ts', 'visible-fields.ts', 'field-rules.ts', 'file-rules.ts', 'check-answers.ts'];

const HEADER = `// Made by scripts/gen-forms.ts from packages/forms, the check the server uses. Do not edit.
import type { FeatureForm } from './types.ts';
import type { FieldIssue } from './wire-types.ts';

export type FormField = FeatureForm['fields'][number];
`;

const made = [HEADER, ...FILES.map(bodyOf)].join('\n');
if (process.argv.includes('--check')) {
  if (made !== readFileSync(target, 'utf8')) {
    console.error('src/forms.gen.ts is not what packages/forms says; run: pnpm --filter @yunshang/sdk forms');
    process.exit(1);
  }
  console.log('the form check is up to date');
} else {
  writeFileSync(target, made);
  console.log(`made ${target} (${made.length} characters)`);
}

/** The file without its imports, all of which are in the files before it or in the header. */
function bodyOf(file: string): string {
  const source = readFileSync(join(room, file), 'utf8');
  const foreign = [...source.matchAll(/^import (type )?\{[^}]*\} from '([^']+)';$/gm)].find(
    ([, type, from = '']) =>
      !(from.startsWith('./') && FILES.slice(0, FILES.indexOf(file)).includes(from.slice(2))) &&
      !(type !== undefined && from === '@yunshang/contracts'),
  );
  if (foreign !== undefined) throw new Error(`${file} imports what the SDK does not have: ${foreign[0]}`);
  return source.replaceAll(/^import [^;]*;\n/gm, '').trimStart();
}
