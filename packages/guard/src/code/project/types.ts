import type { Node, TSType } from '../source/ast.ts';
import type { TypeRef } from '../values/value.ts';
import type { FileModel } from './file-model.ts';

/** How a type leads to another file's declaration; set by the project. */
export type TypeFinder = (
  file: FileModel,
  name: string,
) => { readonly node: Node; readonly file: FileModel } | undefined;

const WRAPPERS = new Set([
  'Pick',
  'Omit',
  'Partial',
  'Required',
  'Readonly',
  'Promise',
  'NonNullable',
  'Awaited',
  'DeepPartial',
]);
const finders = new WeakMap<FileModel, TypeFinder>();

export function setTypeFinder(file: FileModel, finder: TypeFinder): void {
  finders.set(file, finder);
}

/** The type as it is written. */
export function typeText(type: TypeRef | undefined): string {
  return type === undefined ? '' : type.file.text.slice(type.node.start, type.node.end);
}

/** The type of a property, followed through aliases, interfaces and imports of the tree. */
export function memberType(type: TypeRef | undefined, name: string, depth = 0): TypeRef | undefined {
  if (type === undefined || depth > 8) return undefined;
  const { node, file } = type;
  switch (node.type) {
    case 'TSTypeLiteral':
      return signatureType(node.members, name, file);
    case 'TSIntersectionType':
    case 'TSUnionType':
      for (const part of node.types) {
        const found = memberType({ node: part, file }, name, depth + 1);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'TSParenthesizedType':
      return memberType({ node: node.typeAnnotation, file }, name, depth + 1);
    case 'TSArrayType':
      return memberType({ node: node.elementType, file }, name, depth + 1);
    case 'TSTypeOperator':
      return memberType({ node: node.typeAnnotation, file }, name, depth + 1);
    case 'TSTypeReference': {
      const written = referenceName(node);
      const [first] = node.typeArguments?.params ?? [];
      if (WRAPPERS.has(written) && first !== undefined) return memberType({ node: first, file }, name, depth + 1);
      const declared = finders.get(file)?.(file, written);
      return declared === undefined ? undefined : declaredMember(declared, name, depth);
    }
    default:
      return undefined;
  }
}

/** The type, as far as it is written in the tree, has a property or method of this name. */
export function hasMember(type: TypeRef | undefined, name: string, depth = 0): boolean {
  if (type === undefined || depth > 8) return false;
  const { node, file } = type;
  switch (node.type) {
    case 'TSTypeLiteral':
      return isAmong(node.members, name);
    case 'TSIntersectionType':
    case 'TSUnionType':
      return node.types.some((part) => hasMember({ node: part, file }, name, depth + 1));
    case 'TSParenthesizedType':
    case 'TSTypeOperator':
      return hasMember({ node: node.typeAnnotation, file }, name, depth + 1);
    case 'TSTypeReference': {
      const written = referenceName(node);
      const [first] = node.typeArguments?.params ?? [];
      if (WRAPPERS.has(written) && first !== undefined) return hasMember({ node: first, file }, name, depth + 1);
      const declared = finders.get(file)?.(file, written);
      if (declared?.node.type === 'TSTypeAliasDeclaration')
        return hasMember({ node: declared.node.typeAnnotation, file: declared.file }, name, depth + 1);
      if (declared?.node.type !== 'TSInterfaceDeclaration') return false;
      const { body, extends: parents } = declared.node;
      return isAmong(body.body, name) || parents.length > 0;
    }
    // `ReturnType<typeof createThing>` and the like: what it has is not written down.
    case 'TSTypeQuery':
    case 'TSIndexedAccessType':
    case 'TSConditionalType':
    case 'TSMappedType':
      return true;
    default:
      return false;
  }
}

function isAmong(members: Members, name: string): boolean {
  return members.some(
    (member) =>
      (member.type === 'TSPropertySignature' || member.type === 'TSMethodSignature') &&
      member.key.type === 'Identifier' &&
      member.key.name === name,
  );
}

type Declared = { readonly node: Node; readonly file: FileModel };

function declaredMember({ node, file }: Declared, name: string, depth: number): TypeRef | undefined {
  if (node.type === 'TSTypeAliasDeclaration') return memberType({ node: node.typeAnnotation, file }, name, depth + 1);
  if (node.type === 'TSInterfaceDeclaration') return signatureType(node.body.body, name, file);
  if (node.type !== 'ClassDeclaration') return undefined;
  for (const member of node.body.body)
    if (member.type === 'PropertyDefinition' && member.key.type === 'Identifier' && member.key.name === name)
      return member.typeAnnotation === null || member.typeAnnotation === undefined
        ? undefined
        : { node: member.typeAnnotation.typeAnnotation, file };
  return undefined;
}

type Members = Extract<Node, { type: 'TSTypeLiteral' }>['members'];

function signatureType(members: Members, name: string, file: FileModel): TypeRef | undefined {
  for (const member of members)
    if (member.type === 'TSPropertySignature' && member.key.type === 'Identifier' && member.key.name === name) {
      const annotation: TSType | undefined = member.typeAnnotation?.typeAnnotation;
      return annotation === undefined ? undefined : { node: annotation, file };
    }
  return undefined;
}

type Reference = Extract<TSType, { type: 'TSTypeReference' }>;

export function referenceName(node: Reference): string {
  return node.typeName.type === 'Identifier'
    ? node.typeName.name
    : node.typeName.type === 'TSQualifiedName'
      ? node.typeName.right.name
      : '';
}

/** The class of the tree a type names. */
export function declarationOf(type: TypeRef | undefined): Declared | undefined {
  if (type === undefined) return undefined;
  const { node, file } = type;
  if (node.type !== 'TSTypeReference') return undefined;
  const written = referenceName(node);
  const [first] = node.typeArguments?.params ?? [];
  if (WRAPPERS.has(written) && first !== undefined) return declarationOf({ node: first, file });
  return finders.get(file)?.(file, written);
}
