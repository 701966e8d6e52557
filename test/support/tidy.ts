/**
 * Checks on the syntax trees of the source: no dead code, no duplicate names, no long functions, no import cycles, no
 * crowded folders, and each test at the path of what it tests. test/arrows.test.ts checks which folder may import which.
 *
 * Every check is a function from files to findings, `file: what`. Without findings the source is tidy.
 */
import { dirname, join } from 'node:path/posix';
import { parseAst } from 'vitest/node';
import type { Tree } from './arrows.ts';

/** Maximum lines of a function. */
export const functionLinesMax = 70;
/** Maximum files of TypeScript in a folder. Lua scripts do not count: they all have the same form. */
export const folderFilesMax = 25;

/** Entry points of programs and threads: nothing imports them. */
const entries: ReadonlySet<string> = new Set([
  'engine/cli/main.ts',
  'engine/replay/thread.ts',
  'engine/app/trial-thread.ts',
  'api/console/main.ts',
]);

/** A name that a file exports. `type`: it is a type, perhaps of a parameter or result of an exported function. `again`: re-exported from another file. */
export type Exported = { readonly name: string; readonly kind: 'value' | 'type' | 'again' };

/** What the checks need to know about a file: its imports, exports and functions. */
export type Module = {
  readonly path: string;
  readonly text: string;
  /** Imported local files by path, with the imported names; `*` for all names. */
  readonly imports: readonly { readonly from: string; readonly names: readonly string[] }[];
  readonly exports: readonly Exported[];
  /** Identifiers in the file, with their number of occurrences, including declaration and export. */
  readonly uses: ReadonlyMap<string, number>;
  readonly functions: readonly { readonly name: string; readonly lines: number }[];
};

export const modulesOf = (tree: Tree): Module[] => [...tree].map(([path, text]) => readModule(path, text));

/**
 * Exports that no other file of the product imports. Two kinds are allowed: a type that its own file uses, since it
 * describes a parameter or result of an exported function; and a value that its own file uses and a test imports.
 */
export function unusedExports(product: readonly Module[], tests: readonly Module[]): string[] {
  const taken = (modules: readonly Module[]): ReadonlySet<string> =>
    new Set(modules.flatMap(({ imports }) => imports.flatMap(({ from, names }) => names.map((name) => `${from} ${name}`))));
  const byProduct = taken(product);
  const byTests = taken(tests);
  const has = (by: ReadonlySet<string>, path: string, name: string): boolean => by.has(`${path} ${name}`) || by.has(`${path} *`);
  return product.flatMap(({ path, exports, uses }) =>
    exports
      .filter(({ name }) => !has(byProduct, path, name))
      .filter(({ name, kind }) => !((uses.get(name) ?? 0) > 1 && (kind === 'type' || has(byTests, path, name))))
      .map(({ name }) => `${path}: exports ${name}, which nothing else in the product uses`),
  );
}

/** Files of the product that no file of the product imports. */
export function orphans(product: readonly Module[]): string[] {
  const imported = new Set(product.flatMap(({ path, imports }) => imports.map(({ from }) => from).filter((from) => from !== path)));
  return product
    .filter(({ path }) => !imported.has(path) && !entries.has(path))
    .map(({ path }) => `${path}: nothing in the product imports it`);
}

/**
 * Names that two files of one program export: a reader who searches for one finds two things. Every command exports
 * `command`.
 */
export function namesTwice(program: readonly Module[]): string[] {
  const owners = new Map<string, string[]>();
  for (const { path, exports } of program)
    for (const { name, kind } of exports) if (kind !== 'again') owners.set(name, [...(owners.get(name) ?? []), path]);
  return [...owners]
    .filter(([name, paths]) => name !== 'command' && paths.length > 1)
    .map(([name, paths]) => `${paths[0]}: exports ${name}, as does ${paths.slice(1).join(', ')}`);
}

/** Functions over the bound. @param known older long functions, by `file name`, with their maximum lines: they may only shrink */
export function longFunctions(modules: readonly Module[], known: Readonly<Record<string, number>> = {}): string[] {
  const found = new Map(
    modules.flatMap(({ path, functions }) =>
      functions.filter(({ lines }) => lines > functionLinesMax).map(({ name, lines }) => [`${path} ${name}`, lines] as [string, number]),
    ),
  );
  const over = [...found].filter(([key, lines]) => lines > (known[key] ?? 0));
  const stale = Object.entries(known).filter(([key, lines]) => (found.get(key) ?? 0) < lines);
  return [
    ...over.map(([key, lines]) => `${key.replace(' ', ': ')} has ${lines} lines, more than ${known[key] ?? functionLinesMax}`),
    ...stale.map(([key, lines]) => `${key.replace(' ', ': ')} has ${found.get(key) ?? 'few'} lines by now: lower its bound of ${lines}`),
  ];
}

/** Folders with more files of TypeScript than the maximum. */
export function crowdedFolders(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) if (path.endsWith('.ts')) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > folderFilesMax).map(([folder, count]) => `${folder}/: holds ${count} files`);
}

/** Files that import each other, directly or round about, types included. Each circle once, from its first file on. */
export function circles(modules: readonly Module[]): string[] {
  const next = new Map(modules.map(({ path, imports }) => [path, imports.map(({ from }) => from)]));
  const found = new Map<string, string>();
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at !== -1) {
      const circle = way.slice(at);
      const first = circle.indexOf(circle.toSorted()[0]!);
      const turned = [...circle.slice(first), ...circle.slice(0, first)];
      found.set(turned.join(' '), `${turned[0]}: imports itself through ${[...turned.slice(1), turned[0]].join(' → ')}`);
      return;
    }
    if (done.has(path)) return;
    for (const to of next.get(path) ?? []) walk(to, [...way, path]);
    done.add(path);
  };
  for (const path of next.keys()) walk(path, []);
  return [...found.values()];
}

/**
 * Tests under a folder that mirrors the source must name a file or a folder of it: test/core/alert/fire.test.ts is about
 * engine/core/alert/fire.ts, and fire.repeats.test.ts about one aspect of it.
 * @param mirrors folder of tests → folder of the source
 */
export function misplacedTests(tests: readonly string[], sources: readonly string[], mirrors: Readonly<Record<string, string>>): string[] {
  const known = new Set(sources.flatMap((path) => [path.replace(/\.ts$/, ''), dirname(path)]));
  return tests
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) => {
      const mirror = Object.entries(mirrors).find(([folder]) => path.startsWith(folder));
      if (mirror === undefined) return [];
      const name = path.slice(mirror[0].length).replace(/\.test\.ts$/, '');
      const about = join(dirname(name), name.slice(name.lastIndexOf('/') + 1).split('.')[0]!);
      return known.has(join(mirror[1], about)) ? [] : [`${path}: there is neither ${join(mirror[1], about)}.ts nor such a folder`];
    });
}

/** Missing files that comments name. A name may be the end of a path: `judge.ts`, `alert/judge.ts`. */
export function lostMentions(modules: readonly Module[], paths: readonly string[]): string[] {
  const ends = new Set(paths.flatMap((path) => path.split('/').map((_, at, parts) => parts.slice(at).join('/'))));
  return modules.flatMap(({ path, text }) =>
    [...text.matchAll(/\/\*\*?[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm)]
      .flatMap(([comment]) => [...comment.matchAll(/(?<![\w/.*<-])[\w-]+(?:\/[\w-]+)*\.(?:ts|lua|sh)\b(?![\w(])/g)].map(([name]) => name))
      .filter((name) => !ends.has(name))
      .map((name) => `${path}: a comment names ${name}, which does not exist`),
  );
}

type Node = { readonly type: string; readonly start: number; readonly end: number; readonly [name: string]: unknown };

function readModule(path: string, text: string): Module {
  const imports: { from: string; names: string[] }[] = [];
  const exports: Exported[] = [];
  const uses = new Map<string, number>();
  const functions: { name: string; lines: number }[] = [];
  const local = (source: unknown): string | undefined => {
    const value = (source as Node | null | undefined)?.['value'];
    return typeof value === 'string' && value.startsWith('.') ? join(dirname(path), value) : undefined;
  };
  const take = (source: unknown, names: string[]): void => {
    const from = local(source);
    if (from !== undefined) imports.push({ from, names });
  };

  const visit = (node: Node, name: string): void => {
    switch (node.type) {
      case 'ImportDeclaration':
        take(
          node['source'],
          (node['specifiers'] as Node[]).map((one) => (one.type === 'ImportSpecifier' ? nameOf(one['imported']) : '*')),
        );
        break;
      case 'ExportAllDeclaration':
      case 'ImportExpression':
      case 'TSImportType':
        take(node['source'], ['*']);
        break;
      case 'ExportNamedDeclaration':
        if (node['source'] !== null && node['source'] !== undefined)
          take(
            node['source'],
            (node['specifiers'] as Node[]).map((one) => nameOf(one['local'])),
          );
        exports.push(...exportedBy(node));
        break;
      case 'Identifier':
        uses.set(String(node['name']), (uses.get(String(node['name'])) ?? 0) + 1);
        break;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        functions.push({ name: nameOf(node['id']) || name, lines: text.slice(node.start, node.end).split('\n').length });
        break;
    }
    const inner = node.type === 'VariableDeclarator' ? nameOf(node['id']) : nameOf(node['key']) || name;
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child === 'object' && child !== null && typeof (child as { type?: unknown }).type === 'string')
          visit(child as Node, inner);
      }
    }
  };
  visit(parseAst(text, { lang: 'ts' } as Parameters<typeof parseAst>[1], path) as unknown as Node, '');
  return { path, text, imports, exports, uses, functions };
}

function exportedBy(node: Node): Exported[] {
  const declaration = node['declaration'] as Node | null;
  const from = node['source'] !== null && node['source'] !== undefined;
  if (declaration === null)
    return (node['specifiers'] as Node[]).map((one) => ({ name: nameOf(one['exported']), kind: from ? 'again' : 'value' }));
  if (declaration.type === 'VariableDeclaration')
    return (declaration['declarations'] as Node[]).flatMap(({ id }) => namesIn(id as Node)).map((name) => ({ name, kind: 'value' }));
  return [{ name: nameOf(declaration['id']), kind: declaration.type.startsWith('TS') ? 'type' : 'value' }];
}

/** The names that a pattern binds: `a`, `{ a, b: c }`. */
const namesIn = (pattern: Node): string[] =>
  pattern.type === 'ObjectPattern' ? (pattern['properties'] as Node[]).flatMap(({ value }) => namesIn(value as Node)) : [nameOf(pattern)];

const nameOf = (node: unknown): string =>
  String((node as { name?: unknown } | null | undefined)?.name ?? (node as { value?: unknown } | null | undefined)?.value ?? '');
