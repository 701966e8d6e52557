/**
 * Reads a folder of rule files. What an editor leaves behind (hidden files, swap files, backups) is no rule file; a
 * link that leads out of the folder is refused, so that nobody who may write rules can have other files read.
 */
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { SourceFile } from '../compile/documents.ts';
import { limits } from '../core/limits.ts';
import type { Problem } from '../core/problem.ts';
import { WeirError } from '../errors.ts';

export type RuleFolder = { readonly files: readonly SourceFile[]; readonly problems: readonly Problem[] };

const ruleFile = /\.(?:ya?ml|json)$/i;

/**
 * @param path a folder, or one file
 * @returns paths as they were given, with what lies below
 * @throws WeirError (78) when there is nothing to read at the path
 */
export async function readRuleFolder(path: string): Promise<RuleFolder> {
  const root = await realpath(path).catch(() => undefined);
  if (root === undefined) throw new WeirError(`no rules at ${path}`, 'Give an existing folder with --rules or WEIR_RULES.');
  const files: SourceFile[] = [];
  const problems: Problem[] = [];
  const read = new Set<string>();
  for (const name of await ruleFileNames(path)) await readOne(name, root, read, files, problems);
  return { files, problems };
}

async function ruleFileNames(path: string): Promise<string[]> {
  const found = await lstat(await realpath(path));
  if (!found.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => ruleFile.test(name) && !name.split(sep).some((part) => part.startsWith('.') || part.startsWith('#')))
    .map((name) => join(path, name))
    .sort();
}

/** @param read real paths that have been read: a link within the folder, or to the folder itself, says nothing new */
async function readOne(path: string, root: string, read: Set<string>, files: SourceFile[], problems: Problem[]): Promise<void> {
  const refuse = (code: string, message: string, hint: string): void => {
    problems.push({ file: path, line: 1, column: 1, severity: 'error', code, message, hint });
  };
  try {
    const real = await realpath(path);
    if (read.has(real)) return;
    read.add(real);
    if (real !== root && relative(root, real).startsWith('..')) {
      refuse('link-outside', 'the link leads out of the rules folder', 'copy the file into the folder');
      return;
    }
    const found = await lstat(real);
    if (!found.isFile()) {
      refuse('not-a-file', 'a rule file is a plain file', 'move it out of the rules folder');
      return;
    }
    const { size } = found;
    if (size > limits.ruleFileCharactersMax * 4) {
      refuse('file-too-large', `${size} bytes`, 'split the file');
      return;
    }
    files.push({ path, text: await readFile(real, 'utf8') });
  } catch (fault) {
    refuse('unreadable', `the file cannot be read: ${fault instanceof Error ? fault.message : String(fault)}`, 'check its permissions');
  }
}
