/**
 * The map of ARCHITECTURE.md as a check on real syntax trees: which folder may import which, where each library may be
 * used, and that the pure folders use no clock, no randomness and no I/O.
 *
 *     core ◀ compile ◀ runtime ◀ redis | memory | deliver ◀ stores ◀ app, api/server ◀ cli
 *                      runtime ◀ replay ◀ cli
 *     core ◀ demo ◀ cli
 */
import { dirname, join } from 'node:path/posix';
import { parseAst } from 'vitest/node';

/** Path (relative to the repository root, with slashes) → text. */
export type Tree = ReadonlyMap<string, string>;

type Place = {
  /** The files of this row: a folder (ending in /) or one file. The first matching row applies. */
  readonly of: string;
  /** Folders and files that may be imported, in addition to the row's own folder. */
  readonly knows: readonly string[];
  /** Third-party packages that may be imported here. */
  readonly libraries?: readonly string[];
  /** Set for pure places: the only Node modules they may import. They may use no global for time, randomness or I/O. */
  readonly pure?: readonly string[];
};

const inner = ['engine/core/', 'engine/errors.ts'];
const ports = [...inner, 'engine/compile/', 'engine/runtime/'];
const outer = [
  ...ports,
  'engine/redis/',
  'engine/memory/',
  'engine/deliver/',
  'engine/stores.ts',
  'engine/cleanup.ts',
  'engine/config/',
  'engine/metrics/',
  'engine/log.ts',
  'engine/notices.ts',
  'engine/version.ts',
];

export const places: readonly Place[] = [
  { of: 'engine/core/', knows: [], pure: ['node:crypto'] },
  {
    of: 'engine/compile/',
    knows: ['engine/core/'],
    libraries: ['json-rules-engine', 'yaml'],
    pure: ['node:crypto', 'node:net', 'node:path'],
  },
  { of: 'engine/runtime/', knows: [...inner, 'engine/compile/'] },
  { of: 'engine/redis/', knows: [...ports, 'engine/config/config.ts'], libraries: ['ioredis'] },
  { of: 'engine/memory/', knows: ports },
  // For the queue's connection and key prefix: keys are defined in one place.
  { of: 'engine/deliver/', knows: [...ports, 'engine/redis/keys.ts', 'engine/redis/connection.ts'], libraries: ['bullmq', 'ioredis'] },
  { of: 'engine/demo/', knows: ['engine/core/'], pure: ['node:crypto'] },
  { of: 'engine/replay/', knows: [...ports, 'engine/notices.ts'] },
  { of: 'engine/app/', knows: [...outer, 'api/server.ts', 'api/probes.ts'], libraries: ['pino'] },
  { of: 'engine/cli/', knows: [...outer, 'engine/app/', 'engine/replay/', 'engine/demo/'] },
  { of: 'engine/config/', knows: [...inner, 'engine/compile/deliver/egress.ts'] },
  { of: 'engine/metrics/', knows: ports, libraries: ['prom-client'] },
  { of: 'engine/log.ts', knows: [...inner, 'engine/config/config.ts'], libraries: ['pino'] },
  // Stores are opened nowhere else: test/stores.test.ts checks that.
  { of: 'engine/stores.ts', knows: outer },
  { of: 'engine/errors.ts', knows: [] },
  { of: 'engine/notices.ts', knows: [] },
  { of: 'engine/version.ts', knows: [] },
  { of: 'engine/cleanup.ts', knows: [] },
  { of: 'api/server.ts', knows: [...outer, 'api/'], libraries: ['fastify', 'pino'] },
  {
    of: 'api/routes/board.ts',
    knows: ['api/'],
    libraries: ['fastify', '@bull-board/api', '@bull-board/api/bullMQAdapter', '@bull-board/fastify'],
  },
  // Runs in a browser, so it imports only types from the engine.
  { of: 'api/console/', knows: ['engine/core/'] },
  { of: 'api/', knows: ports, libraries: ['fastify', 'zod', '@fastify/swagger', '@fastify/type-provider-zod'] },
];

/** Every breach of the map, as `file: what`. */
export function breaches(tree: Tree): string[] {
  return [...tree].flatMap(([path, text]) => {
    const place = places.find((row) => fits(path, row.of));
    if (place === undefined) return [`${path}: has no place on the map (test/support/arrows.ts)`];
    const found = read(path, text);
    const breached = [
      ...found.imports.flatMap((name) => importBreach(path, name, place, tree)),
      ...found.dynamic,
      ...environmentBreach(path, found.members),
    ];
    const world =
      place.pure === undefined
        ? []
        : found.members.filter((name) => impure.has(name)).map((name) => `uses ${name}, and ${place.of} is pure`);
    return [...new Set([...breached, ...world])].map((what) => `${path}: ${what}`);
  });
}

/** Globals, and members of globals, that a pure file must not use. */
const impure = new Set(
  [
    'Date.now',
    'new Date()',
    'Math.random',
    'crypto',
    'performance',
    'process',
    'fetch',
    'console',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
  ].concat(
    // Of node:crypto, only functions of their input are allowed.
    ['randomBytes', 'randomUUID', 'randomInt', 'getRandomValues'],
  ),
);

function importBreach(path: string, name: string, place: Place, tree: Tree): string[] {
  if (name.startsWith('node:')) {
    if (name === 'node:process') return ['imports node:process: the environment is read in engine/config/config.ts'];
    return place.pure === undefined || place.pure.includes(name) ? [] : [`imports ${name}, and ${place.of} is pure`];
  }
  if (!name.startsWith('.')) {
    return place.libraries?.includes(name) === true ? [] : [`imports ${name}, which does not live in ${place.of}`];
  }
  const target = join(dirname(path), name);
  if (!tree.has(target)) return target.endsWith('.json') ? [] : [`imports ${target}, which does not exist`];
  const near = place.of.endsWith('/') && fits(target, place.of) && !(place.of === 'api/' && target === 'api/server.ts');
  return near || place.knows.some((known) => fits(target, known)) ? [] : [`imports ${target}, which ${place.of} does not know`];
}

const environmentBreach = (path: string, members: readonly string[]): string[] =>
  members.includes('process.env') && path !== 'engine/config/config.ts'
    ? ['reads process.env: the environment is read in engine/config/config.ts']
    : [];

const fits = (path: string, where: string): boolean => (where.endsWith('/') ? path.startsWith(where) : path === where);

type Found = { readonly imports: string[]; readonly dynamic: string[]; readonly members: string[] };
type Node = { readonly type: string; readonly [name: string]: unknown };

/** A file's imports, including types and dynamic imports, and the globals it names. */
function read(path: string, text: string): Found {
  const found: Found = { imports: [], dynamic: [], members: [] };
  const program = parseAst(text, { lang: 'ts' } as Parameters<typeof parseAst>[1], path) as unknown as Node;
  visit(program, found);
  return found;
}

function visit(node: Node, found: Found): void {
  const source = node['source'] as Node | null | undefined;
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'TSImportType':
      if (source?.type === 'Literal') found.imports.push(String(source['value']));
      break;
    case 'ImportExpression':
      if (source?.type === 'Literal') found.imports.push(String(source['value']));
      else found.dynamic.push('imports a computed name');
      break;
    case 'MemberExpression':
      found.members.push(`${nameOf(node['object'])}.${nameOf(node['property'])}`);
      break;
    case 'NewExpression':
      if (nameOf(node['callee']) === 'Date' && (node['arguments'] as unknown[]).length === 0) found.members.push('new Date()');
      break;
    case 'Identifier':
      found.members.push(String(node['name']));
      break;
  }
  for (const [key, value] of Object.entries(node)) {
    // The name of a property is not a global: `event.process`, `{ process: … }`.
    const named =
      (node.type === 'MemberExpression' && key === 'property') ||
      (/Property|Signature|Definition|Specifier$/.test(node.type) && (key === 'key' || key === 'imported'));
    if (named && node['computed'] !== true && (value as Node).type === 'Identifier' && node.type !== 'ImportSpecifier') continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && typeof (child as { type?: unknown }).type === 'string')
        visit(child as Node, found);
    }
  }
}

const nameOf = (node: unknown): string =>
  String((node as { name?: unknown; value?: unknown }).name ?? (node as { value?: unknown }).value ?? '');
