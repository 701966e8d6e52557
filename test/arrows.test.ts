/** The import map holds: every import of engine/ and api/ points inwards, and each library is used in one place. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { breaches, places } from './support/arrows.ts';

const top = join(import.meta.dirname, '..');
const files = globSync(['engine/**/*.ts', 'api/**/*.ts'], { cwd: top }).map((path) => path.replaceAll('\\', '/'));
const tree = new Map(files.map((path) => [path, readFileSync(join(top, path), 'utf8')]));

it('finds no breach in the whole tree', () => {
  expect(tree.size).toBeGreaterThan(50);
  expect(breaches(tree)).toEqual([]);
});

it('gives every library of the product a place, and lists no library that the product does not depend on', () => {
  const { dependencies } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  const housed = new Set(places.flatMap((place) => (place.libraries ?? []).map(packageOf)));
  expect([...housed].toSorted()).toEqual(Object.keys(dependencies).toSorted());
});

describe('a file', () => {
  const around: Record<string, string> = {
    'engine/core/a.ts': '',
    'engine/compile/a.ts': '',
    'engine/runtime/ports.ts': '',
    'engine/redis/a.ts': '',
    'engine/redis/keys.ts': '',
    'engine/memory/a.ts': '',
    'engine/demo/a.ts': '',
    'engine/deliver/a.ts': '',
    'engine/app/a.ts': '',
    'engine/replay/a.ts': '',
    'engine/cli/a.ts': '',
    'engine/config/config.ts': '',
    'engine/errors.ts': '',
    'engine/metrics/metrics.ts': '',
    'api/app.ts': '',
    'api/server.ts': '',
  };
  const breachesOf = (path: string, text: string): string[] => breaches(new Map(Object.entries({ ...around, [path]: text })));

  it.each([
    ['engine/core/x.ts', `import '../compile/a.ts';`],
    ['engine/core/x.ts', `import type { A } from '../runtime/ports.ts';`],
    ['engine/core/x.ts', `import { z } from 'zod';`],
    ['engine/core/x.ts', `import { readFileSync } from 'node:fs';`],
    ['engine/core/x.ts', `export const now = () => Date.now();`],
    ['engine/core/x.ts', `export const now = () => new Date();`],
    ['engine/core/x.ts', `export const roll = Math.random;`],
    ['engine/core/x.ts', `import { randomUUID } from 'node:crypto'; export const id = () => randomUUID();`],
    ['engine/core/x.ts', `import { randomUUID as hash } from 'node:crypto'; export const id = () => hash();`],
    ['engine/core/x.ts', `process.exit(1);`],
    ['engine/core/x.ts', `setTimeout(() => {}, 1);`],
    ['engine/core/x.ts', `console.log(1);`],
    ['engine/compile/x.ts', `import { readFileSync } from 'node:fs';`],
    ['engine/compile/x.ts', `export * from '../runtime/ports.ts';`],
    ['engine/compile/x.ts', `import { Redis } from 'ioredis';`],
    ['engine/runtime/x.ts', `import { a } from '../redis/a.ts';`],
    ['engine/runtime/x.ts', `import { a } from '../memory/a.ts';`],
    ['engine/runtime/x.ts', `export { a } from '../deliver/a.ts';`],
    ['engine/runtime/x.ts', `import { parse } from 'yaml';`],
    ['engine/runtime/x.ts', `const a = await import('../redis/a.ts');`],
    ['engine/runtime/x.ts', `type A = import('../redis/a.ts').A;`],
    ['engine/runtime/x.ts', `const name = '../redis/a.ts'; await import(name);`],
    ['engine/runtime/x.ts', `import '../config/config.ts';`],
    ['engine/redis/x.ts', `import '../memory/a.ts';`],
    ['engine/redis/x.ts', `import '../deliver/a.ts';`],
    ['engine/redis/x.ts', `import { Queue } from 'bullmq';`],
    ['engine/memory/x.ts', `import '../redis/keys.ts';`],
    ['engine/memory/x.ts', `import { Redis } from 'ioredis';`],
    ['engine/deliver/x.ts', `import '../redis/a.ts';`],
    ['engine/deliver/x.ts', `import '../../api/app.ts';`],
    ['engine/cli/x.ts', `import '../../api/app.ts';`],
    ['engine/cli/x.ts', `import '../../api/server.ts';`],
    ['engine/app/x.ts', `import '../cli/a.ts';`],
    ['engine/replay/x.ts', `import '../cli/a.ts';`],
    ['engine/replay/x.ts', `import '../redis/a.ts';`],
    ['engine/cli/x.ts', `import fastify from 'fastify';`],
    ['engine/cli/x.ts', `export const a = process.env.A;`],
    ['engine/cli/x.ts', `export const a = process['env'];`],
    ['engine/cli/x.ts', `import { env } from 'node:process';`],
    ['engine/metrics/metrics.ts', `import '../redis/a.ts';`],
    ['engine/errors.ts', `import './core/a.ts';`],
    ['api/x.ts', `import '../engine/redis/a.ts';`],
    ['api/x.ts', `import '../engine/deliver/a.ts';`],
    ['api/x.ts', `import '../engine/memory/a.ts';`],
    ['api/x.ts', `import '../engine/cli/a.ts';`],
    ['api/x.ts', `import './server.ts';`],
    ['api/x.ts', `import { Redis } from 'ioredis';`],
    ['api/server.ts', `import '../engine/cli/a.ts';`],
    ['api/console/x.ts', `import '../app.ts';`],
    ['api/console/x.ts', `import type { A } from '../../engine/runtime/ports.ts';`],
    ['api/console/x.ts', `import { z } from 'zod';`],
    ['api/server.ts', `import { Queue } from 'bullmq';`],
    ['engine/demo/x.ts', `import '../compile/a.ts';`],
    ['engine/demo/x.ts', `import '../runtime/ports.ts';`],
    ['engine/demo/x.ts', `export const now = () => Date.now();`],
    ['engine/demo/x.ts', `export const roll = () => Math.random();`],
    ['engine/runtime/x.ts', `import '../demo/a.ts';`],
    ['api/x.ts', `import '../engine/demo/a.ts';`],
    ['engine/core/x.ts', `import './no-such.ts';`],
    ['engine/new-folder/x.ts', ``],
    ['engine/redis/x.ts', `import chalk from 'chalk';`],
  ])('is reported for a breach: %s: %s', (path, text) => {
    expect(breachesOf(path, text)).toEqual([expect.stringContaining(`${path}: `)]);
  });

  it.each([
    [
      'engine/core/x.ts',
      `import { hash } from 'node:crypto'; import './a.ts'; export const at = (ms: number) => new Date(ms); export const p = (e: { process: number }) => e.process;`,
    ],
    ['engine/core/x.ts', `// import '../redis/a.ts'\nexport const text = "import '../redis/a.ts'; Date.now()";`],
    ['engine/compile/x.ts', `import '../core/a.ts'; import { Engine } from 'json-rules-engine'; import { parse } from 'yaml';`],
    [
      'engine/runtime/x.ts',
      `import '../core/a.ts'; import '../compile/a.ts'; import { watch } from 'node:fs'; export const now = Date.now();`,
    ],
    ['engine/redis/x.ts', `import '../runtime/ports.ts'; import '../errors.ts'; import { Redis } from 'ioredis';`],
    ['engine/deliver/x.ts', `import '../redis/keys.ts'; import { Queue } from 'bullmq';`],
    ['engine/app/x.ts', `import '../redis/a.ts'; import '../deliver/a.ts'; import '../memory/a.ts'; import '../../api/server.ts';`],
    ['engine/cli/x.ts', `import '../app/a.ts'; import '../replay/a.ts'; import '../redis/a.ts'; import '../memory/a.ts';`],
    ['engine/replay/x.ts', `import '../runtime/ports.ts'; import '../compile/a.ts';`],
    ['engine/demo/x.ts', `import '../core/a.ts'; import { createHash } from 'node:crypto'; import './a.ts';`],
    ['engine/cli/x.ts', `import '../demo/a.ts';`],
    ['engine/config/config.ts', `export const a = process.env;`],
    ['api/x.ts', `import '../engine/runtime/ports.ts'; import { z } from 'zod'; import './app.ts';`],
    ['api/server.ts', `import '../engine/redis/a.ts'; import '../engine/deliver/a.ts'; import './app.ts';`],
  ])('is not reported for what is allowed: %s: %s', (path, text) => {
    expect(breachesOf(path, text)).toEqual([]);
  });
});
