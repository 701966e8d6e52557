/** The results as a readable table. */
import type { Machine } from './machine.ts';
import { met, type BenchResult } from './result.ts';

const heads = ['bench', 'ours', 'floor', 'unit', 'ratio', 'budget', ''];

export function table(results: readonly BenchResult[]): string {
  const rows = results.map((result) => [
    result.name,
    figure(result.ours),
    result.floor === undefined ? '–' : figure(result.floor),
    result.unit,
    result.ratio === undefined ? '–' : figure(result.ratio),
    budgetText(result),
    met(result) ? 'met' : 'missed',
  ]);
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const isText = (i: number): boolean => i === 0 || i === 3 || i > 4;
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(heads), ...rows.map(line), '', ...results.map(({ name, what }) => `${name}: ${what}`)].join('\n');
}

export const machineText = ({ cpu, cores, os, node, redis, load }: Machine): string =>
  `${cpu}, ${cores} cores, ${os}, Node ${node}, Redis ${redis}, load ${load} before the run`;

const budgetText = ({ budget }: BenchResult): string =>
  [budget.least === undefined ? [] : [`≥ ${budget.least}`], budget.most === undefined ? [] : [`≤ ${budget.most}`]].flat().join(', ');

/** Three significant digits; from a hundred on, all digits before the point. */
const figure = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3))));
