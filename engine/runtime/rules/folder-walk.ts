/**
 * The files below a folder, each folder gone through once, by its real path: a link to a folder above it would be
 * followed until the system refuses (forty levels, and two such links double the work at each). A link to a folder
 * outside is not followed at all.
 *
 * Folders go before links, so that what lies in one is known by the folder's own name; what only a link leads to (a
 * hidden folder, as a mounted ConfigMap has it) is gone through behind them.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** A place below the folder that was not gone through, by the name it has there. */
export type Passed = { readonly path: string; readonly because: 'link-outside' | 'link-loop' | 'unreadable'; readonly fault?: unknown };

/** `files`: whatever is no folder, hidden ones left out; both sorted. */
export type Walked = { readonly files: readonly string[]; readonly passed: readonly Passed[] };

type Folder = { readonly path: string; readonly real: string };

/**
 * @param top a folder, or one file
 * @returns paths that begin as `top` does
 * @throws when nothing is there
 */
export async function walkFolder(top: string): Promise<Walked> {
  const root = await realpath(top);
  if (!(await stat(root)).isDirectory()) return { files: [top], passed: [] };
  const files: string[] = [];
  const passed: Passed[] = [];
  const links: Folder[] = [];
  const gone = new Set<string>();

  /** `real` of a link: the folder in which it lies. */
  async function walk({ path, real }: Folder): Promise<void> {
    gone.add(real);
    try {
      for (const entry of await readdir(real, { withFileTypes: true })) {
        if (isHidden(entry.name)) continue;
        const inner = join(path, entry.name);
        if (entry.isDirectory()) await walk({ path: inner, real: join(real, entry.name) });
        else if (entry.isSymbolicLink()) links.push({ path: inner, real });
        else files.push(inner);
      }
    } catch (fault) {
      passed.push({ path, because: 'unreadable', fault });
    }
  }

  async function follow(link: Folder): Promise<void> {
    const target = await folderAt(link.path);
    if (target === undefined) files.push(link.path);
    else if (!isWithin(root, target)) passed.push({ path: link.path, because: 'link-outside' });
    else if (isWithin(target, link.real)) passed.push({ path: link.path, because: 'link-loop' });
    else if (!gone.has(target)) await walk({ path: link.path, real: target });
  }

  await walk({ path: top, real: root });
  // Those that are found on the way are appended.
  for (let n = 0; n < links.length; n++) await follow(links[n]!);
  return { files: files.sort(), passed: passed.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** What editors and version control leave behind is nobody's file. */
const isHidden = (name: string): boolean => name.startsWith('.') || name.startsWith('#');

/** The real path of a folder; undefined when there is none. */
async function folderAt(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true ? realpath(path) : undefined;
}

/** Whether a real path is the folder, or lies in it. */
export const isWithin = (folder: string, real: string): boolean => {
  const [first] = relative(folder, real).split(sep);
  return first !== '..';
};
