/** The Dockerfile and .dockerignore, as far as a test can interpret them without a container. */
import { cpSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const top = join(import.meta.dirname, '../..');

export type Instruction = { readonly word: string; readonly rest: string };

/** One instruction per line; continuation lines are joined. */
export const dockerfile: readonly Instruction[] = readFileSync(join(top, 'Dockerfile'), 'utf8')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  .map((line) => {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    return { word, rest: rest.join(' ') };
  });

/** The build stages, each starting with its FROM. */
export const stages: readonly (readonly Instruction[])[] = dockerfile.reduce<Instruction[][]>((found, one) => {
  if (one.word === 'FROM') found.push([]);
  found.at(-1)!.push(one);
  return found;
}, []);

/** The arguments of the stage's last instruction of that name; a JSON form as a list. */
export function said(stage: readonly Instruction[], word: string): string | string[] | undefined {
  const rest = stage.findLast((one) => one.word === word)?.rest;
  return rest?.startsWith('[') === true ? (JSON.parse(rest) as string[]) : rest;
}

/** The top-level names that `COPY . .` copies: .dockerignore excludes everything and allows these. */
export function allowed(): string[] {
  const [first, ...rest] = readFileSync(join(top, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (first !== '*' || rest.some((line) => !/^![\w.-]+$/.test(line)))
    throw new Error('.dockerignore: only `*`, followed by top-level `!name` lines, is supported here');
  return rest.map((line) => line.slice(1));
}

/** Copies the build context into a folder. */
export function copyContext(folder: string): void {
  for (const name of allowed()) cpSync(join(top, name), join(folder, name), { recursive: true });
}

/** True for a path of the repository that is in the image. */
export const isInImage = (path: string): boolean => allowed().includes(path.split('/')[0]!);

export const exists = (path: string): boolean => statSync(join(top, path), { throwIfNoEntry: false }) !== undefined;

/** Source files of the product. */
export const sources = (): string[] => globSync(['engine/**/*.ts', 'api/**/*.ts'], { cwd: top });
