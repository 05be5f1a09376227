#!/usr/bin/env node
// Refuses imports that leave the arrows of docs/architecture.md: node scripts/boundaries.mjs [repository]
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { judgeDependency, judgeEnvironment, judgeImport } from './boundaries.rules.mjs';

const root = process.argv[2] ?? join(import.meta.dirname, '..');
const findings = listFiles().flatMap((file) =>
  file.endsWith('package.json') ? manifestFindings(file) : sourceFindings(file),
);

for (const { place, rule, problem, mend } of findings) console.log(`${place} [${rule}] ${problem}\n    ${mend}`);
console.log(
  findings.length === 0 ? 'boundaries: every import follows an arrow' : `boundaries: ${findings.length} refused`,
);
process.exitCode = findings.length === 0 ? 0 : 1;

/** Files git knows or would take: sources and manifests that are there. */
function listFiles() {
  const git = ['-C', root, 'ls-files', '-co', '--exclude-standard', '-z'];
  const names = execFileSync('git', git, { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\0');
  return names.filter((name) => /\.[mc]?[jt]sx?$|(^|\/)package\.json$/.test(name));
}

function sourceFindings(file) {
  const text = read(file);
  const found = [];
  const add = (offset, finding) => {
    if (finding) found.push({ place: `${file}:${text.slice(0, offset).split('\n').length}`, ...finding });
  };
  const imports = (node, isType) => {
    const specifier = textOf(node.source ?? node.argument ?? node.expression);
    if (specifier !== undefined) add(node.start, judgeImport(file, specifier, isType));
  };
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0)
    add(0, { rule: 'parse', problem: errors[0].message, mend: 'Imports of a broken file cannot be checked.' });
  new Visitor({
    ImportDeclaration: (node) => {
      imports(node, node.importKind === 'type');
      if (importsEnvironment(node)) add(node.start, judgeEnvironment(file));
    },
    ExportNamedDeclaration: (node) => imports(node, node.exportKind === 'type'),
    ExportAllDeclaration: (node) => imports(node, node.exportKind === 'type'),
    ImportExpression: (node) => imports(node, false),
    TSImportType: (node) => imports(node, true),
    TSExternalModuleReference: (node) => imports(node, false),
    CallExpression: (node) =>
      node.callee.name === 'require' && imports({ source: node.arguments[0], start: node.start }, false),
    MemberExpression: (node) => readsEnvironment(node) && add(node.start, judgeEnvironment(file)),
    VariableDeclarator: (node) => takesEnvironment(node) && add(node.start, judgeEnvironment(file)),
  }).visit(program);
  return found;
}

function manifestFindings(file) {
  const text = read(file);
  if (text === '') return [];
  const manifest = JSON.parse(text);
  const kinds = ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies'];
  return kinds.flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}).flatMap((name) => {
      const finding = judgeDependency(file, name, kind === 'devDependencies');
      const line = text.slice(0, text.indexOf(`"${name}"`, text.indexOf(`"${kind}"`))).split('\n').length;
      return finding ? [{ place: `${file}:${line}`, ...finding }] : [];
    }),
  );
}

/** The text of a string literal or of a template without holes. */
function textOf(node) {
  const literal = node?.type === 'TSLiteralType' ? node.literal : node;
  if (literal?.type === 'TemplateLiteral' && literal.quasis.length === 1) return literal.quasis[0].value.cooked;
  return typeof literal?.value === 'string' ? literal.value : undefined;
}

function readsEnvironment({ object, property }) {
  return object.name === 'process' && (property.name ?? property.value) === 'env';
}

/** `import { env } from 'node:process'` */
function importsEnvironment({ source, specifiers }) {
  return /^(node:)?process$/.test(source.value) && specifiers.some(({ imported }) => imported?.name === 'env');
}

/** `const { env } = process` */
function takesEnvironment({ id, init }) {
  return (
    init?.name === 'process' && id.type === 'ObjectPattern' && id.properties.some(({ key }) => key?.name === 'env')
  );
}

function read(file) {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return ''; // deleted and not yet committed
  }
}
