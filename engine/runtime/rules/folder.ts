/**
 * Reads a folder of rule files. Files that editors leave behind (hidden files, swap files, backups) are skipped. A link that
 * leads out of the folder is refused, so that write access to the rules does not give read access to other files.
 */
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import type { SourceFile } from '../../compile/source/documents.ts';
import { limits } from '../../core/limits.ts';
import type { Problem } from '../../core/problem.ts';
import type { RuleSet } from '../../core/rule.ts';
import { WeirError } from '../../errors.ts';
import { isWithin, walkFolder, type Passed } from './folder-walk.ts';
import { ruleText } from './rule-text.ts';

export type RuleFolder = { readonly files: readonly SourceFile[]; readonly problems: readonly Problem[] };

export const isRuleFile = (name: string): boolean => /\.(?:ya?ml|json)$/i.test(name);

/**
 * @param path a folder, or one file
 * @param remedy the hint for a path that does not exist: it says where the path was configured
 * @returns files with paths that begin with `path`
 * @throws WeirError (78) if the path does not exist
 */
export async function readRuleFolder(path: string, remedy = 'Set WEIR_RULES to an existing folder.'): Promise<RuleFolder> {
  const root = await realpath(path).catch(() => undefined);
  if (root === undefined) throw new WeirError(`no rules at ${path}`, remedy);
  return readBelow(path, root);
}

export type FolderFault = 'missing' | 'replaced' | 'empty';

/** What is wrong with the folder as a whole; undefined if it is there and has rules. */
export function folderFault({ ruleset, problems }: { ruleset: Pick<RuleSet, 'rules'>; problems: readonly Problem[] }): FolderFault | undefined {
  const codes = new Set(problems.map(({ code }) => code));
  if (codes.has('folder-missing')) return 'missing';
  if (codes.has('folder-replaced')) return 'replaced';
  return ruleset.rules.length === 0 ? 'empty' : undefined;
}

/**
 * Reads the folder again, for a running engine: if the folder is gone, that is a problem like others.
 * @param wasFolder whether the path was a folder at startup: a file in its place then is no rule file
 */
export async function rereadRuleFolder(path: string, wasFolder: boolean): Promise<RuleFolder> {
  const at = { file: path, line: 1, column: 1, severity: 'error' } as const;
  const hint = 'restore it; the last good rules stay in force until then';
  try {
    const root = await realpath(path);
    if (!wasFolder || (await isFolder(root))) return await readBelow(path, root);
    const message = 'the rules folder is gone: a file stands in its place';
    return { files: [], problems: [{ ...at, code: 'folder-replaced', message, hint }] };
  } catch (fault) {
    const message = `the rules folder is gone: ${faultText(fault)}`;
    return { files: [], problems: [{ ...at, code: 'folder-missing', message, hint }] };
  }
}

/** Whether a path leads to a folder. */
export const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() === true;

/** The problem of a readable folder that has no rules, although rules ran before. */
export function noRuleLeft(path: string): Problem {
  const at = { file: path, line: 1, column: 1, severity: 'warning', code: 'no-rule-left' } as const;
  const hint = 'if the rules were not deleted on purpose, check that their volume is mounted';
  return { ...at, message: 'the folder has no rules any more, so no alerts can be raised', hint };
}

async function readBelow(path: string, root: string): Promise<RuleFolder> {
  const { files: found, passed } = await walkFolder(path);
  const files: SourceFile[] = [];
  const problems = passed.map(passedProblem);
  const read = new Set<string>();
  for (const name of found) if (isRuleFile(name) || name === path) await readOne(name, root, read, files, problems);
  return { files, problems };
}

function passedProblem({ path, because, fault }: Passed): Problem {
  const at = { file: path, line: 1, column: 1, code: because };
  switch (because) {
    case 'link-outside':
      return { ...at, severity: 'error', message: 'the link leads out of the rules folder', hint: 'copy the folder into it' };
    case 'link-loop':
      return { ...at, severity: 'warning', message: 'the link leads to a folder that contains it', hint: 'remove the link' };
    case 'unreadable':
      return { ...at, severity: 'error', message: `the folder cannot be read: ${faultText(fault)}`, hint: 'check its permissions' };
  }
}

const faultText = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));

/** @param known real paths that have been read: a link to one of them is skipped */
async function readOne(path: string, root: string, known: Set<string>, files: SourceFile[], problems: Problem[]): Promise<void> {
  const refuse = (code: string, message: string, hint: string, { line, column } = { line: 1, column: 1 }): void => {
    problems.push({ file: path, line, column, severity: 'error', code, message, hint });
  };
  try {
    const real = await realpath(path);
    if (known.has(real)) return;
    known.add(real);
    if (!isWithin(root, real)) {
      refuse('link-outside', 'the link leads out of the rules folder', 'copy the file into the folder');
      return;
    }
    const found = await lstat(real);
    if (!found.isFile()) {
      refuse('not-a-file', 'not a regular file', 'move it out of the rules folder');
      return;
    }
    const { size } = found;
    if (size > limits.ruleFileCharactersMax * 4) {
      refuse('file-too-large', `the file is too large: ${size} bytes`, 'split the file');
      return;
    }
    const read = ruleText(await readFile(real));
    if (read.ok) files.push({ path, text: read.text });
    else refuse('invalid-utf8', read.message, 'save it as UTF-8', read);
  } catch (fault) {
    refuse('unreadable', `the file cannot be read: ${faultText(fault)}`, 'check its permissions');
  }
}
