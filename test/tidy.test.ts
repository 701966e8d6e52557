/** The source is tidy (support/tidy.ts), and each check finds its kind of fault. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  circles,
  crowdedFolders,
  folderFilesMax,
  longFunctions,
  lostMentions,
  misplacedTests,
  modulesOf,
  namesTwice,
  orphans,
  unusedExports,
  type Module,
} from './support/tidy.ts';

const top = join(import.meta.dirname, '..');
const read = (...globs: string[]): Module[] =>
  modulesOf(new Map(globSync(globs, { cwd: top }).map((path) => [path, readFileSync(join(top, path), 'utf8')])));
const product = read('engine/**/*.ts', 'api/**/*.ts');
const around = read('test/**/*.ts', 'dashboards/**/*.ts');
const inConsole = ({ path }: Module): boolean => path.startsWith('api/console/');

/** Maps each folder of tests to the folder of the source that it mirrors. */
const mirrors: Readonly<Record<string, string>> = {
  'test/api/': 'api/',
  ...Object.fromEntries(
    ['app', 'cli', 'compile', 'config', 'core', 'deliver', 'demo', 'memory', 'metrics', 'redis', 'replay', 'runtime'].map((layer) => [
      `test/${layer}/`,
      `engine/${layer}/`,
    ]),
  ),
};

/** Tests with strings that look like comments and name made-up files. */
const examples: ReadonlySet<string> = new Set(['test/tidy.test.ts', 'test/docs/paths.test.ts']);

/** Functions that were longer than the bound when it was set, with their lines: they may only shrink. */
const longOfOld: Readonly<Record<string, number>> = {
  'api/routes/keys.ts keyRoutes': 79,
  'api/routes/webhooks.ts webhookRoutes': 123,
  'api/stream/hub.ts openHub': 116,
  'engine/cli/csv/records.ts csvReader': 80,
  'engine/compile/deliver/webhook-target.ts readTarget': 98,
  'engine/deliver/siem-queue/queue.ts openSiemQueue': 133,
  'engine/deliver/webhooks/deliverer.ts startDeliverer': 91,
  'engine/deliver/webhooks/service.ts openWebhookService': 102,
  'engine/demo/feeds.ts feeds': 121,
  'engine/memory/correlate/window-store.ts memoryWindowStore': 122,
  'engine/metrics/installation-gauges.ts installationGauges': 96,
  'engine/metrics/metrics.ts createMeter': 98,
  'engine/redis/alert/store.ts openAlertStore': 90,
  'engine/redis/correlate/window-store.ts redisWindowStore': 74,
  'engine/redis/decode/streams.ts redisStreams': 159,
  'engine/redis/deliver/webhooks.ts openWebhookTargets': 78,
  'engine/runtime/pipeline/pipeline.ts pipeline': 94,
  'engine/runtime/pipeline/worker.ts worker': 143,
};

describe('the source', () => {
  it('exports nothing that nothing uses', () => expect(unusedExports(product, around)).toEqual([]));
  it('has no file that nothing imports', () => expect(orphans(product)).toEqual([]));
  it('exports each name from one file', () => {
    expect(namesTwice(product.filter((module) => !inConsole(module)))).toEqual([]);
    expect(namesTwice(product.filter(inConsole))).toEqual([]);
  });
  it('has no long function, except older ones, which may only shrink', () => expect(longFunctions(product, longOfOld)).toEqual([]));
  it('has no folder with more than 25 files', () => expect(crowdedFolders(product.map(({ path }) => path))).toEqual([]));
  it('has no files that import each other', () => expect(circles(product)).toEqual([]));
  it('has each test at the path of what it tests', () => {
    expect(
      misplacedTests(
        around.map(({ path }) => path),
        product.map(({ path }) => path),
        mirrors,
      ),
    ).toEqual([]);
  });
  it('has no comment that names a missing file', () => {
    const paths = globSync(['engine/**/*', 'api/**/*', 'test/**/*', 'dashboards/**/*', 'rules/**/*', '.ci/*', 'bin/*', '*.*'], {
      cwd: top,
    });
    expect(lostMentions([...product, ...around.filter(({ path }) => !examples.has(path))], paths)).toEqual([]);
  });
});

describe('the checks find', () => {
  const files = (tree: Record<string, string>): Module[] => modulesOf(new Map(Object.entries(tree)));

  it.each([
    ['a value that nothing takes', { 'a.ts': 'export const a = 1;' }, {}, ['a.ts: exports a, which nothing else in the product uses']],
    ['a function that only its own file uses', { 'a.ts': 'export function a() {} a();' }, {}, [expect.stringContaining('exports a')]],
    ['a value that only a test takes', { 'a.ts': 'export const a = 1;' }, { 't.ts': `import { a } from './a.ts';` }, [expect.any(String)]],
    ['a type that nothing uses', { 'a.ts': 'export type A = 1;' }, {}, [expect.stringContaining('exports A')]],
    [
      'one of several names',
      { 'a.ts': 'export const { a, b: c } = x;', 'b.ts': `import { a } from './a.ts';` },
      {},
      ['a.ts: exports c, which nothing else in the product uses'],
    ],
    [
      'a re-export',
      { 'a.ts': `export { b } from './b.ts';`, 'b.ts': 'export const b = 1;' },
      {},
      [expect.stringContaining('a.ts: exports b')],
    ],
  ])('unused: %s', (_, tree, tests, findings) => {
    expect(unusedExports(files(tree), files(tests))).toEqual(findings);
  });

  it.each([
    ['taken by another file', { 'a.ts': 'export const a = 1;', 'b.ts': `import { a } from './a.ts';` }, {}],
    ['taken as a whole', { 'a.ts': 'export const a = 1;', 'b.ts': `import * as all from './a.ts';` }, {}],
    ['taken at run time', { 'a.ts': 'export const a = 1;', 'b.ts': `await import('./a.ts');` }, {}],
    [
      'a type of an exported function',
      { 'a.ts': 'export type A = 1; export const f = (a: A) => a;', 'b.ts': `import { f } from './a.ts';` },
      {},
    ],
    ['used by its file and taken by a test', { 'a.ts': 'export const a = 1; a;' }, { 't.ts': `import { a } from './a.ts';` }],
  ])('not unused: %s', (_, tree, tests) => expect(unusedExports(files(tree), files(tests))).toEqual([]));

  it('a file that nothing imports, or only itself', () => {
    const tree = files({ 'engine/cli/main.ts': `import './a.ts';`, 'engine/cli/a.ts': '', 'engine/memory/b.ts': `import './b.ts';` });
    expect(orphans(tree)).toEqual(['engine/memory/b.ts: nothing in the product imports it']);
  });

  it('a name that two files export, except re-exports and commands', () => {
    const tree = files({
      'a.ts': 'export const command = 1; export type A = 1;',
      'b.ts': `export const command = 1; export class A {}`,
      'c.ts': `export { A } from './a.ts';`,
    });
    expect(namesTwice(tree)).toEqual(['a.ts: exports A, as does b.ts']);
  });

  it('a function over the bound, a listed one that grew, and a listed one whose bound can be lowered', () => {
    const lines = (count: number): string => '\n'.repeat(count - 1);
    const tree = files({ 'a.ts': `const f = () => {${lines(71)}}; function g() {${lines(80)}} const short = () => {${lines(70)}};` });
    expect(longFunctions(tree)).toEqual(['a.ts: f has 71 lines, more than 70', 'a.ts: g has 80 lines, more than 70']);
    expect(longFunctions(tree, { 'a.ts f': 71, 'a.ts g': 79 })).toEqual(['a.ts: g has 80 lines, more than 79']);
    expect(longFunctions(tree, { 'a.ts f': 71, 'a.ts g': 81, 'a.ts h': 90 })).toEqual([
      'a.ts: g has 80 lines by now: lower its bound of 81',
      'a.ts: h has few lines by now: lower its bound of 90',
    ]);
  });

  it('a folder with too many files, except scripts', () => {
    const paths = Array.from({ length: folderFilesMax + 1 }, (_, n) => [`a/${n}.ts`, `a/scripts/${n}.lua`]).flat();
    expect(crowdedFolders(paths)).toEqual(['a/: holds 26 files']);
    expect(crowdedFolders(paths.slice(2))).toEqual([]);
  });

  it('files that import each other, also as types or indirectly, each cycle once', () => {
    const tree = files({
      'd.ts': `import './a.ts';`,
      'a.ts': `import type { B } from './b.ts';`,
      'b.ts': `import './c.ts'; export type B = 1;`,
      'c.ts': `export * from './a.ts';`,
      'e.ts': `type E = import('./f.ts').F;`,
      'f.ts': `import './e.ts';`,
    });
    expect(circles(tree)).toEqual(['a.ts: imports itself through b.ts → c.ts → a.ts', 'e.ts: imports itself through f.ts → e.ts']);
  });

  it('a test whose path matches no file', () => {
    const sources = ['engine/core/alert/fire.ts'];
    const at = (path: string): string[] => misplacedTests([path], sources, { 'test/core/': 'engine/core/' });
    for (const path of [
      'test/core/alert/fire.test.ts',
      'test/core/alert/fire.repeats.test.ts',
      'test/core/alert.test.ts',
      'test/faults/x.test.ts',
    ])
      expect(at(path)).toEqual([]);
    expect(at('test/core/fire.test.ts')).toEqual(['test/core/fire.test.ts: there is neither engine/core/fire.ts nor such a folder']);
  });

  it('a comment that names a missing file; code and globs are not comments', () => {
    const tree = files({ 'a.ts': `/** See b.ts, x/b.ts and gone.ts. */ import './lost.ts'; // y/b.ts, test/*.ts` });
    expect(lostMentions(tree, ['a.ts', 'x/b.ts'])).toEqual([
      'a.ts: a comment names gone.ts, which does not exist',
      'a.ts: a comment names y/b.ts, which does not exist',
    ]);
  });
});
