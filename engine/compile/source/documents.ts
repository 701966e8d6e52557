/**
 * Files → documents. A YAML file may hold several, a JSON array (or a YAML list at the root) is several too. Each is
 * read on its own: YAML says that a line beginning with `---` ends a document wherever it stands, so the text is cut
 * there first, and a syntax error in one cannot swallow the next.
 */
import type { Problem } from '../../core/problem.ts';
import { limits } from '../../core/limits.ts';
import type { MapNode, Node, Position } from './node.ts';
import { reporter } from './problems.ts';
import { readYaml } from './yaml.ts';

export type SourceFile = { readonly path: string; readonly text: string };

export type FileKind = 'rules' | 'dataset' | 'list' | 'other';

export type Documents = {
  readonly roots: readonly Node[];
  /** False when a part of the file could not be read: rules that it held before may be in that part. */
  readonly whole: boolean;
};

/** What the path says of a file: `…/datasets/…` are mapping files, `…/lists/…` are for later. */
export function fileKind(path: string): FileKind {
  const folders = path.split(/[\\/]/);
  const name = folders.pop() ?? '';
  if (!/\.(?:ya?ml|json)$/i.test(name) || name.startsWith('.')) return 'other';
  if (folders.includes('lists')) return 'list';
  return folders.includes('datasets') ? 'dataset' : 'rules';
}

const ruleWords = ['conditions', 'steps', 'detection'] as const;

/** A rule is a rule wherever it lies: the folder that holds all rules may itself lie below one named `datasets` or `lists`. */
export const isRule = (map: MapNode): boolean => ruleWords.some((word) => map.entries.has(word));
export const mayHoldRules = (text: string): boolean =>
  /^[\s{"'-]*(?:conditions|steps|detection)["']?\s*:/m.test(text) || /["'](?:conditions|steps|detection)["']\s*:/.test(text);

const start: Position = { line: 1, column: 1 };

/** Never throws: what cannot be read is a problem. */
export function readDocuments(file: SourceFile, problems: Problem[]): Documents {
  const report = reporter(file.path, problems);
  const text = file.text.startsWith('\uFEFF') ? file.text.slice(1) : file.text;
  if (text.length > limits.ruleFileCharactersMax) {
    report.error(start, 'file-too-large', `${text.length} characters; the bound is ${limits.ruleFileCharactersMax}`, 'split the file');
    return { roots: [], whole: false };
  }
  const json = file.path.toLowerCase().endsWith('.json');
  if (json && !isJson(text, file, problems)) return { roots: [], whole: false };
  const roots: Node[] = [];
  for (const part of json ? [{ text, line: 1 }] : parts(text)) {
    try {
      roots.push(...readYaml(part.text, part.line, report));
    } catch (fault) {
      report.error({ line: part.line, column: 1 }, 'unreadable', `the document cannot be read: ${String(fault)}`, '');
    }
  }
  return { roots, whole: report.errors() === 0 };
}

/** Cuts at the lines that begin with `---`. What stands before the first one is a document only if it says something. */
function parts(text: string): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  let line = 1;
  for (const part of text.split(/^(?=---(?:[ \t\r\n]|$))/m)) {
    const last = found.at(-1);
    if (last !== undefined && saysNothing(last.text)) last.text += part;
    else found.push({ text: part, line });
    line += part.split('\n').length - 1;
  }
  return found;
}

/** Only blank lines, comments and directives. */
const saysNothing = (text: string): boolean => text.split('\n').every((line) => /^\s*(?:[#%]|$)/.test(line));

/** YAML reads more than JSON; a `.json` file must be JSON. */
function isJson(text: string, file: SourceFile, problems: Problem[]): boolean {
  if (text.trim() === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : String(fault);
    const offset = /position (\d+)/.exec(message)?.[1];
    const before = text.slice(0, offset === undefined ? (/end of JSON/.test(message) ? text.length : 0) : Number(offset)).split('\n');
    reporter(file.path, problems).error(
      { line: before.length, column: before.at(-1)!.length + 1 },
      'json-syntax',
      message.replace(/ in JSON at position.*$/, '').replace(/, ".*is not valid JSON$/s, ''),
      'check the file with a JSON tool; YAML needs the ending .yaml',
    );
    return false;
  }
}
