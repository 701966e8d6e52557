/**
 * The parts of the documentation that can be tested: fences and tables. The word after a fence's language says what is
 * done with it:
 *
 *     ```sh run            run against an engine; `run until`: repeated until the output matches
 *     ```json output       what the command before it prints; … stands for anything
 *     ```sh by-hand        not run here
 *     ```yaml rule         a rule file: compiles without errors, and its tests pass
 *     ```yaml dataset      a mapping file: compiles without errors
 *     ```yaml webhooks     a file of webhook targets: without errors
 *     ```js receiver       a receiver of webhooks: accepts signed messages, and refuses others
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const top = join(import.meta.dirname, '../..');

/** Every page, as a path relative to the repository root. */
export const pages: readonly string[] = [
  ...readdirSync(top).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(top, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const textOf = (page: string): string => readFileSync(join(top, page), 'utf8');

export type Fence = {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
};

export function fencesOf(page: string): Fence[] {
  const text = textOf(page);
  return [...text.matchAll(/^```([^\n`]*)\n([^]*?)^```$/gm)].map((found) => {
    const [language = '', ...words] = found[1]!.trim().split(/\s+/);
    return { page, line: text.slice(0, found.index).split('\n').length, language, words, text: found[2]! };
  });
}

/** The tables of a page: each a list of rows, the header first, cells without the spaces around them. */
export function tablesOf(page: string): string[][][] {
  const outside = textOf(page).replace(/^```[^]*?^```$/gm, '');
  return [...outside.matchAll(/^\|.*(?:\n\|.*)+$/gm)].map(([table]) =>
    table
      .split('\n')
      .filter((row) => !/^\|[\s:|-]+\|$/.test(row))
      .map((row) =>
        row
          .slice(1, row.lastIndexOf('|'))
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim()),
      ),
  );
}

/** The rows of the table whose header begins with that cell. @throws when there is no such table */
export function tableOf(page: string, first: string): string[][] {
  const found = tablesOf(page).find(([header]) => header?.[0] === first);
  if (found === undefined) throw new Error(`${page} has no table that begins with "${first}"`);
  return found.slice(1);
}

/** The words in backticks in a cell. */
export const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
