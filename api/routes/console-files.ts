/**
 * The files of the console (api/console/) as they are served to a browser. There is no build step: types are stripped
 * from the TypeScript here, as Node does for the engine, and lines and columns stay the same.
 *
 * All files are served under a folder named after the hash of their contents: `/console/3f9ac1…/main.ts`. So browsers may
 * cache them for ever, and relative imports need no rewriting. Only the page itself has a permanent address.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join } from 'node:path';
import { own } from '../../engine/core/util/own.ts';

export type ServedFile = { readonly name: string; readonly type: string; readonly body: string };
export type ConsoleFiles = {
  readonly build: string;
  /** index.html, with the addresses of the other files filled in. */
  readonly page: ServedFile;
  readonly files: readonly ServedFile[];
};

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export async function readConsole(folder = join(import.meta.dirname, '../console')): Promise<ConsoleFiles> {
  const names = (await readdir(folder, { recursive: true }))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => Object.hasOwn(types, extname(name)))
    .toSorted();
  const all = await Promise.all(names.map(async (name) => served(name, await readFile(join(folder, name), 'utf8'))));
  const hash = createHash('sha256');
  for (const { name, body } of all) hash.update(`${name}\0${body}\0`);
  const build = hash.digest('hex').slice(0, 16);
  const page = all.find(({ name }) => name === 'index.html')!;
  return {
    build,
    page: { ...page, body: page.body.replaceAll('{build}', build) },
    files: all.filter((file) => file !== page),
  };
}

function served(name: string, text: string): ServedFile {
  return { name, type: own(types, extname(name))!, body: name.endsWith('.ts') ? stripTypeScriptTypes(text) : text };
}
