/**
 * Names are data: ids, fields, labels and parameters may be `constructor` or `__proto__`. On an object with a prototype such
 * a name finds what nobody stored, and a write of `__proto__` stores nothing. So what maps names is a Map, or an object
 * that is read with `own()` (engine/core/util/own.ts), or one without a prototype.
 *
 * The check works on syntax alone: an object counts as a map if its name is declared somewhere in the tree with an open set
 * of keys (Record<string, …>, JsonObject). Names and numbers of a closed set (`readonly by: Record<Level, …>`) do not count.
 */
import { parseAst } from 'vitest/node';
import type { Tree } from './arrows.ts';

type Node = { readonly type: string; readonly start: number; readonly end: number; readonly [name: string]: unknown };

/** `file:line: text`, for each access by a computed name that may find something of the prototype. */
export function looseNames(tree: Tree): string[] {
  const files = [...tree].map(([path, text]) => ({ path, text, program: parse(path, text) }));
  const aliases = new Set(files.flatMap(({ program }) => aliasesOf(program)));
  const properties = files.flatMap(({ program }) => declared(program, 'property', aliases));
  // A name that is a map in one type and a list in another says nothing.
  const others = new Set(properties.filter(({ isMap }) => !isMap).map(({ name }) => name));
  const shared = new Set(properties.filter(({ name, isMap }) => isMap && !others.has(name)).map(({ name }) => name));
  return files.flatMap(({ path, text, program }) => {
    const variables = declared(program, 'variable', aliases);
    const maps: Maps = {
      aliases,
      properties: shared,
      variables: new Set([
        ...variables.filter(({ isMap }) => isMap).map(({ name }) => name),
        ...takenApart(program).filter((name) => shared.has(name) && !variables.some((one) => one.name === name)),
      ]),
    };
    return accesses(program, text, maps).map(({ at, shown }) => `${path}:${text.slice(0, at).split('\n').length}: ${shown}`);
  });
}

type Maps = { readonly aliases: ReadonlySet<string>; readonly properties: ReadonlySet<string>; readonly variables: ReadonlySet<string> };

const parse = (path: string, text: string): Node =>
  parseAst(text, { lang: 'ts' } as Parameters<typeof parseAst>[1], path) as unknown as Node;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

function walk(node: Node, visit: (node: Node, parents: readonly Node[]) => void, parents: readonly Node[] = []): void {
  visit(node, parents);
  const here = [...parents, node];
  for (const child of Object.values(node).flat()) if (isNode(child)) walk(child, visit, here);
}

type Declared = { readonly name: string; readonly isMap: boolean };

/** Declarations with a type: properties of types and classes, or variables, parameters and results of casts. */
function declared(program: Node, what: 'property' | 'variable', aliases: ReadonlySet<string>): Declared[] {
  const found: Declared[] = [];
  walk(program, (node) => {
    const type = (node['typeAnnotation'] as Node | null | undefined)?.['typeAnnotation'] as Node | undefined;
    if (what === 'property' && ['TSPropertySignature', 'PropertyDefinition'].includes(node.type) && type !== undefined)
      found.push({ name: nameOf(node['key'] as Node), isMap: isOpen(type, aliases) });
    if (what !== 'variable') return;
    if (node.type === 'Identifier' && type !== undefined) found.push({ name: nameOf(node), isMap: isOpen(type, aliases) });
    if (node.type === 'VariableDeclarator') found.push(...initialised(node, aliases));
  });
  const free = new Set(found.filter(({ isMap }) => !isMap).map(({ name }) => name));
  return what === 'property' ? found : found.filter(({ name, isMap }) => !(isMap && free.has(name) && bareObjects(program).has(name)));
}

/** `const name = … as Record<string, …>`, and `const [a, b] = … as [Row, Row]`. */
function initialised(node: Node, aliases: ReadonlySet<string>): Declared[] {
  const init = node['init'] as Node | null | undefined;
  const target = node['id'] as Node;
  if (isNode(init) && hasNoPrototype(init)) return [{ name: nameOf(target), isMap: false }];
  if (init?.type !== 'TSAsExpression') return [];
  const type = init['typeAnnotation'] as Node;
  if (target.type === 'Identifier') return [{ name: nameOf(target), isMap: isOpen(type, aliases) }];
  if (target.type !== 'ArrayPattern' || type.type !== 'TSTupleType') return [];
  const types = type['elementTypes'] as Node[];
  return (target['elements'] as (Node | null)[]).flatMap((one, i) =>
    one?.type === 'Identifier' && types[i] !== undefined ? [{ name: nameOf(one), isMap: isOpen(types[i], aliases) }] : [],
  );
}

/** Variables that are made as `{ __proto__: null, … }`. */
function bareObjects(program: Node): ReadonlySet<string> {
  const names = new Set<string>();
  walk(program, (node) => {
    if (node.type === 'VariableDeclarator' && isNode(node['init']) && hasNoPrototype(node['init'])) names.add(nameOf(node['id'] as Node));
  });
  return names;
}

/** Names that are taken out of an object: `const { group } = alert`. */
function takenApart(program: Node): string[] {
  const names: string[] = [];
  walk(program, (node) => {
    if (node.type === 'ObjectPattern')
      for (const one of node['properties'] as Node[]) if (one['shorthand'] === true) names.push(nameOf(one['key'] as Node));
  });
  return names;
}

/** Types of the file that are another name for a map. */
function aliasesOf(program: Node): string[] {
  const names: string[] = [];
  walk(program, (node) => {
    if (node.type === 'TSTypeAliasDeclaration' && isOpen(node['typeAnnotation'] as Node, new Set())) names.push(nameOf(node['id'] as Node));
  });
  return names;
}

/** Whether a type is an object with any text as a key. */
function isOpen(type: Node, aliases: ReadonlySet<string>): boolean {
  if (type.type === 'TSTypeLiteral') return (type['members'] as Node[]).some((member) => member.type === 'TSIndexSignature');
  if (type.type === 'TSUnionType') return (type['types'] as Node[]).some((one) => isOpen(one, aliases));
  if (type.type !== 'TSTypeReference') return false;
  const name = nameOf(type['typeName'] as Node);
  const [first] = ((type['typeArguments'] as Node | null | undefined)?.['params'] as Node[] | undefined) ?? [];
  if (aliases.has(name)) return true;
  if (first === undefined) return false;
  if (name === 'Readonly' || name === 'Partial') return isOpen(first, aliases);
  return name === 'Record' && (first.type === 'TSStringKeyword' || nameOf(first['typeName'] as Node | undefined) === 'PropertyKey');
}

/** `{ __proto__: null, … }` */
const hasNoPrototype = (node: Node): boolean =>
  node.type === 'ObjectExpression' &&
  (node['properties'] as Node[]).some((one) => nameOf(one['key'] as Node) === '__proto__' && (one['value'] as Node)['value'] === null);

/** `name`, and `#name` of a private one. */
const nameOf = (node: Node | undefined): string => `${node?.type === 'PrivateIdentifier' ? '#' : ''}${String(node?.['name'] ?? '')}`;

type Access = { readonly at: number; readonly shown: string };

/** Accesses by a name that is not written out. Guarded: `Object.hasOwn` of the same two is in the same function. */
function accesses(program: Node, text: string, maps: Maps): Access[] {
  const found: Access[] = [];
  const textOf = (node: Node): string => text.slice(node.start, node.end);
  walk(program, (node, parents) => {
    const parts = partsOf(node);
    if (parts === undefined || parts.name.type === 'Literal') return;
    const inner = bare(parts.object);
    const known =
      inner.type === 'MemberExpression' ? maps.properties.has(nameOf(inner['property'] as Node)) : maps.variables.has(nameOf(inner));
    if (!parts.always && !known && !isOpenCast(parts.object, maps.aliases)) return;
    const around = parents.findLast(({ type }) => /Function/.test(type)) ?? program;
    const guards = ['Object.hasOwn', 'own.call'].map((by) => `${by}(${textOf(inner)}, ${textOf(parts.name)})`);
    // A loop over its own keys: parsed JSON inherits none that can be enumerated.
    guards.push(`const ${textOf(parts.name)} in ${textOf(inner)}`);
    if (!guards.some((guard) => textOf(around).includes(guard))) found.push({ at: node.start, shown: textOf(node) });
  });
  return found;
}

/** What is accessed by which name. `always`: whatever the object is. */
function partsOf(node: Node): { readonly object: Node; readonly name: Node; readonly always: boolean } | undefined {
  if (node.type === 'MemberExpression' && node['computed'] === true)
    return { object: node['object'] as Node, name: node['property'] as Node, always: false };
  // `#field in object` and a symbol are not names.
  if (node.type === 'BinaryExpression' && node['operator'] === 'in' && !isSymbol(node['left'] as Node))
    return { object: node['right'] as Node, name: node['left'] as Node, always: true };
  return undefined;
}

function isOpenCast(node: Node, aliases: ReadonlySet<string>): boolean {
  if (node.type === 'TSAsExpression') return isOpen(node['typeAnnotation'] as Node, aliases);
  return isNode(node['expression']) && isOpenCast(node['expression'], aliases);
}

/** An expression without its casts. */
function bare(node: Node): Node {
  return ['TSAsExpression', 'TSNonNullExpression', 'ParenthesizedExpression'].includes(node.type) ? bare(node['expression'] as Node) : node;
}

const isSymbol = (node: Node): boolean =>
  node.type === 'PrivateIdentifier' || (node.type === 'MemberExpression' && nameOf(node['object'] as Node) === 'Symbol');
