/**
 * Figures of the source tree at a commit: how many files, how long, and how crowded the folders are.
 *
 *     node test/tree-figures.ts [commit…]     HEAD when none is given; TypeScript and Lua under engine/ and api/
 */
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path/posix';

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });

/** The value below which that share of the sorted numbers lies. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

for (const commit of process.argv.length > 2 ? process.argv.slice(2) : ['HEAD']) {
  const paths = git('ls-tree', '-r', '--name-only', commit, 'engine', 'api')
    .split('\n')
    .filter((path) => /\.(ts|lua)$/.test(path));
  const lines = paths.map((path) => git('show', `${commit}:${path}`).split('\n').length - 1).toSorted((a, b) => a - b);
  const folders = new Map<string, number>();
  // Scripts are all of one form.
  for (const path of paths) if (!path.endsWith('.lua')) folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1);
  const [[largest, count] = ['', 0]] = [...folders].toSorted(([, a], [, b]) => b - a);
  const sum = lines.reduce((total, one) => total + one, 0);
  console.log(
    `${commit}: ${paths.length} files, ${sum} lines, median ${quantile(lines, 0.5)}, p90 ${quantile(lines, 0.9)}, longest ${lines.at(-1)}; ` +
      `${folders.size} folders, the largest ${largest}/ with ${count} files`,
  );
}
