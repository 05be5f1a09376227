import type { Comment, Program } from 'oxc-parser';
import { lineStarts } from '../source/lines.ts';
import { childrenOf, keyName, type Class, type Node } from '../source/ast.ts';
import type { ExportedName, FileModel, ImportedName } from './file-model.ts';

/** What other files can ask of a parsed file. */
export function buildModel(source: {
  path: string;
  text: string;
  program: Program;
  comments: readonly Comment[];
}): FileModel {
  const imports = new Map<string, ImportedName>();
  const types = new Map<string, Node | Class>();
  const exports = new Map<string, ExportedName>();
  const starExports: string[] = [];
  for (const node of source.program.body) {
    readImport(node, imports);
    readExport(node, { exports, starExports });
    const declared = node.type === 'ExportNamedDeclaration' && node.declaration !== null ? node.declaration : node;
    if (declared.type === 'TSTypeAliasDeclaration' || declared.type === 'TSInterfaceDeclaration')
      types.set(declared.id.name, declared);
    if (declared.type === 'ClassDeclaration' && declared.id !== null) types.set(declared.id.name, declared);
  }
  return {
    ...source,
    lines: lineStarts(source.text),
    imports,
    types,
    exports,
    starExports,
    env: undefined,
    commonJs: undefined,
  };
}

function readImport(node: Node, imports: Map<string, ImportedName>): void {
  if (node.type === 'TSImportEqualsDeclaration' && node.moduleReference.type === 'TSExternalModuleReference') {
    imports.set(node.id.name, { source: node.moduleReference.expression.value, name: 'default' });
    return;
  }
  if (node.type !== 'ImportDeclaration') return;
  const source = node.source.value;
  for (const specifier of node.specifiers) {
    if (specifier.type === 'ImportSpecifier') {
      const { imported } = specifier;
      imports.set(specifier.local.name, { source, name: keyName(imported, false) ?? '' });
    } else
      imports.set(specifier.local.name, {
        source,
        name: specifier.type === 'ImportNamespaceSpecifier' ? '*' : 'default',
      });
  }
}

type Found = { readonly exports: Map<string, ExportedName>; readonly starExports: string[] };

function readExport(node: Node, { exports, starExports }: Found): void {
  if (node.type === 'ExportDefaultDeclaration') exports.set('default', { local: '*default*' });
  if (node.type === 'ExportAllDeclaration') {
    if (node.exported === null) starExports.push(node.source.value);
    else exports.set(keyName(node.exported, false) ?? '', { source: node.source.value, name: '*' });
  }
  if (node.type !== 'ExportNamedDeclaration') return;
  for (const { local, exported } of node.specifiers) {
    const name = keyName(exported, false) ?? '';
    const from = keyName(local, false) ?? '';
    exports.set(name, node.source === null ? { local: from } : { source: node.source.value, name: from });
  }
  const { declaration } = node;
  if (declaration === null) return;
  if (declaration.type === 'VariableDeclaration') {
    for (const { id } of declaration.declarations) for (const name of namesOf(id)) exports.set(name, { local: name });
  } else if ('id' in declaration && declaration.id !== null && declaration.id.type === 'Identifier')
    exports.set(declaration.id.name, { local: declaration.id.name });
}

function namesOf(pattern: Node): string[] {
  if (pattern.type === 'Identifier') return [pattern.name];
  if (pattern.type === 'Property') return namesOf(pattern.value);
  return childrenOf(pattern).flatMap(namesOf);
}
