/** The Dockerfile and the .dockerignore, as far as a test can follow them without a container. */
import { cpSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const top = join(import.meta.dirname, '../..');

export type Instruction = { readonly word: string; readonly rest: string };

/** One instruction a line; continuation lines are joined. */
export const dockerfile: readonly Instruction[] = readFileSync(join(top, 'Dockerfile'), 'utf8')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  .map((line) => {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    return { word, rest: rest.join(' ') };
  });

/** The stages, each from its FROM on. */
export const stages: readonly (readonly Instruction[])[] = dockerfile.reduce<Instruction[][]>((found, one) => {
  if (one.word === 'FROM') found.push([]);
  found.at(-1)!.push(one);
  return found;
}, []);

/** What the last instruction of that name says; JSON forms as lists. */
export function said(stage: readonly Instruction[], word: string): string | string[] | undefined {
  const rest = stage.findLast((one) => one.word === word)?.rest;
  return rest?.startsWith('[') === true ? (JSON.parse(rest) as string[]) : rest;
}

/** The names at the repository's top that `COPY . .` takes: .dockerignore forbids everything, and allows these. */
export function allowed(): string[] {
  const [first, ...rest] = readFileSync(join(top, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (first !== '*' || rest.some((line) => !/^![\w.-]+$/.test(line)))
    throw new Error('.dockerignore: `*`, then `!name` of the top, is all that is followed here');
  return rest.map((line) => line.slice(1));
}

/** Puts the context of the build into a folder. */
export function copyContext(folder: string): void {
  for (const name of allowed()) cpSync(join(top, name), join(folder, name), { recursive: true });
}

/** True for a path of the repository that the image holds. */
export const isInImage = (path: string): boolean => allowed().includes(path.split('/')[0]!);

export const exists = (path: string): boolean => statSync(join(top, path), { throwIfNoEntry: false }) !== undefined;

/** Source files of the product. */
export const sources = (): string[] => globSync(['engine/**/*.ts', 'api/**/*.ts'], { cwd: top });
