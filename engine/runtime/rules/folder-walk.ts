/**
 * Lists the files below a folder. Each folder is visited once, by its real path: a link to a parent folder would otherwise
 * be followed until the system refuses (forty levels, and two such links double the work at each). A link to a folder
 * outside is not followed at all.
 *
 * Folders are visited before links, so that files in a folder are listed under the folder's own name. A folder that only a
 * link leads to (such as the hidden folder of a mounted ConfigMap) is visited after them.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** A path below the folder that was skipped. */
export type Passed = { readonly path: string; readonly because: 'link-outside' | 'link-loop' | 'unreadable'; readonly fault?: unknown };

/** `files`: everything that is not a folder, without hidden files; both lists are sorted. */
export type Walked = { readonly files: readonly string[]; readonly passed: readonly Passed[] };

type Folder = { readonly path: string; readonly real: string };

/**
 * @param top a folder, or one file
 * @returns paths that begin with `top`
 * @throws if the path does not exist
 */
export async function walkFolder(top: string): Promise<Walked> {
  const root = await realpath(top);
  if (!(await stat(root)).isDirectory()) return { files: [top], passed: [] };
  const files: string[] = [];
  const passed: Passed[] = [];
  const links: Folder[] = [];
  const gone = new Set<string>();

  /** For a link, `real` is the folder that contains it. */
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
  // Links found on the way are appended.
  for (let n = 0; n < links.length; n++) await follow(links[n]!);
  return { files: files.sort(), passed: passed.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** Files left behind by editors and version control. */
const isHidden = (name: string): boolean => name.startsWith('.') || name.startsWith('#');

/** The real path of a folder; undefined if the path is not a folder. */
async function folderAt(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true ? realpath(path) : undefined;
}

/** Whether a real path is the folder or inside it. */
export const isWithin = (folder: string, real: string): boolean => {
  const [first] = relative(folder, real).split(sep);
  return first !== '..';
};
