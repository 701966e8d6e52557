/** What a file names and imports, by its syntax tree: comments and the texts of messages do not count. */
import { dirname, join } from 'node:path/posix';
import { parseAst } from 'vitest/node';

type Node = { readonly type: string; readonly [name: string]: unknown };

export type NamesAndImports = {
  /** Texts that are written out, whole, and names of properties. */
  readonly names: ReadonlySet<string>;
  /** Paths from the repository's top. */
  readonly imports: ReadonlySet<string>;
};

export function namesAndImports(path: string, text: string): NamesAndImports {
  const names = new Set<string>();
  const imports = new Set<string>();
  const visit = (node: Node): void => {
    const key = node['key'] as Node | undefined;
    if (node.type === 'Literal' || node.type === 'TemplateElement') names.add(textOf(node['value']));
    if (key?.type === 'Identifier' && node['computed'] !== true) names.add(String(key['name']));
    if (node.type === 'MemberExpression' && node['computed'] !== true) names.add(String((node['property'] as Node)['name']));
    const source = node['source'] as Node | null | undefined;
    if (source?.type === 'Literal') imports.add(join(dirname(path), String(source['value'])));
    for (const child of Object.values(node).flat()) if (isNode(child)) visit(child);
  };
  visit(parseAst(text, { lang: 'ts' } as Parameters<typeof parseAst>[1], path) as unknown as Node);
  return { names, imports };
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** The value of a literal, or the piece of a template between two places. */
const textOf = (value: unknown): string => String((value as { cooked?: unknown } | null)?.cooked ?? value);
