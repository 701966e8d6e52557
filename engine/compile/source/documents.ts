/**
 * Files → documents. A YAML file may hold several; a JSON array (or a YAML list at the root) also counts as several. Each
 * is read on its own: in YAML a line that begins with `---` always begins a document, and one that begins with `...` ends
 * it, so the text is split there first, and a syntax error in one document cannot swallow the next. Nothing of the text is
 * left out in silence: what is no document is an error.
 */
import { limits } from '../../core/limits.ts';
import type { MapNode, Node, Position } from './node.ts';
import { reporter, type ProblemSink } from './problems.ts';
import { readYaml } from './yaml.ts';

export type SourceFile = { readonly path: string; readonly text: string };

export type FileKind = 'rules' | 'dataset' | 'list' | 'other';

export type Documents = {
  readonly roots: readonly Node[];
  /** False if a part of the file could not be read: rules that were in the file before may be in that part. */
  readonly whole: boolean;
};

/** The kind of a file by its path: `…/datasets/…` are mapping files, `…/lists/…` are reserved. */
export function fileKind(path: string): FileKind {
  const folders = path.split(/[\\/]/);
  const name = folders.pop() ?? '';
  if (!/\.(?:ya?ml|json)$/i.test(name) || name.startsWith('.')) return 'other';
  if (folders.includes('lists')) return 'list';
  return folders.includes('datasets') ? 'dataset' : 'rules';
}

const ruleWords = ['conditions', 'steps', 'detection'] as const;

/** A rule is a rule in any folder: the rules folder itself may be below one named `datasets` or `lists`. */
export const isRule = (map: MapNode): boolean => ruleWords.some((word) => map.entries.has(word));
export const mayHoldRules = (text: string): boolean =>
  /^[\s{"'-]*(?:conditions|steps|detection)["']?\s*:/m.test(text) || /["'](?:conditions|steps|detection)["']\s*:/.test(text);

const start: Position = { line: 1, column: 1 };

/** Never throws: unreadable documents become problems. */
export function readDocuments(file: SourceFile, problems: ProblemSink): Documents {
  const report = reporter(file.path, problems);
  const text = file.text.startsWith('\uFEFF') ? file.text.slice(1) : file.text;
  if (text.length > limits.ruleFileCharactersMax) {
    report.error(start, 'file-too-large', `${text.length} characters; the limit is ${limits.ruleFileCharactersMax}`, 'split the file');
    return { roots: [], whole: false };
  }
  const json = file.path.toLowerCase().endsWith('.json');
  if (json && !isJson(text, file, problems)) return { roots: [], whole: false };
  const roots: Node[] = [];
  for (const part of json ? [{ text, line: 1 }] : parts(text)) {
    const ending = /^\.\.\.[ \t]+(?![ \t#\r\n])/m.exec(part.text);
    if (ending !== null) {
      const line = part.line + part.text.slice(0, ending.index).split('\n').length - 1;
      report.error({ line, column: ending[0].length + 1 }, 'yaml-syntax', 'text after the end of a document', 'put it into the next line');
      continue;
    }
    try {
      roots.push(...readYaml(part.text, part.line, report));
    } catch (fault) {
      report.error({ line: part.line, column: 1 }, 'unreadable', `the document cannot be read: ${String(fault)}`, '');
    }
  }
  return { roots, whole: report.errors() === 0 };
}

/** Before lines that begin with `---`, and after those that begin with `...`. */
const borders = /^(?=\uFEFF?---(?:[ \t\r\n]|$))|(?<=^\.\.\.(?:[ \t\r][^\n]*)?\n)/m;

/** Splits at the markers of documents. The text before one is a document only if it has content. */
function parts(text: string): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  let line = 1;
  for (const marked of text.split(borders)) {
    // Files that were joined may each have had a byte order mark.
    const part = marked.replace(/^(---[ \t\r]*\n)?\uFEFF/, '$1');
    const last = found.at(-1);
    if (last !== undefined && isEmpty(last.text)) last.text += part;
    else found.push({ text: part, line });
    line += part.split('\n').length - 1;
  }
  return found;
}

/** Whether there are only blank lines, comments and directives. */
const isEmpty = (text: string): boolean => text.split('\n').every((line) => /^\s*(?:[#%]|$)/.test(line));

/** YAML reads more than JSON; a `.json` file must be JSON. */
function isJson(text: string, file: SourceFile, problems: ProblemSink): boolean {
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
      'check the file with a JSON tool; a YAML file must end in .yaml',
    );
    return false;
  }
}
