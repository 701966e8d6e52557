/**
 * `npm run bench`: the budgets of the engine as ratios within one run, each against a floor measured in the same run on
 * the same machine. The benches run one after the other, each in its own process.
 *
 *     npm run bench                          a table
 *     npm run bench -- --json                for machines: { machine, started, seconds, results: [{ …, met }] }
 *     npm run bench -- --only drain,append   some of them
 *
 * Exit code: 0 all budgets met, 1 one was missed or a bench failed, 2 usage.
 */
import { parseArgs } from 'node:util';
import { ensureServer, thisSystem } from '../../engine/redis/embedded/install.ts';
import { chosen, type Bench } from './benches.ts';
import { inChild } from './in-child.ts';
import { machine } from './machine.ts';
import { met, type BenchResult } from './result.ts';
import { machineText, table } from './table.ts';

type Asked = { readonly json: boolean; readonly names: readonly string[]; readonly benches: readonly Bench[] };

function asked(): Asked | undefined {
  try {
    const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string', default: '' } } });
    const names = values.only.split(',').filter((name) => name !== '');
    return { json: values.json, names, benches: chosen(names) };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nusage: npm run bench -- [--json] [--only NAME,…]\n`);
    return undefined;
  }
}

async function main({ json, names, benches }: Asked): Promise<number> {
  await ensureServer(thisSystem((line) => void process.stderr.write(`${line}\n`)));
  const host = machine();
  const started = new Date();
  const results: BenchResult[] = [];
  let failed = false;
  if (!json) process.stdout.write(`${machineText(host)}\n\n`);
  for (const bench of benches) {
    process.stderr.write(`${bench.name} …\n`);
    try {
      results.push(
        ...(await inChild(bench, 'full')).filter(({ name }) => names.length === 0 || names.includes(bench.name) || names.includes(name)),
      );
    } catch (error) {
      failed = true;
      process.stderr.write(`${(error as Error).message}\n`);
    }
  }
  const seconds = Math.round((Date.now() - started.getTime()) / 1000);
  const report = {
    machine: host,
    started: started.toISOString(),
    seconds,
    results: results.map((result) => ({ ...result, met: met(result) })),
  };
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `${table(results)}\n\n${seconds} s\n`);
  return failed || !results.every(met) ? 1 : 0;
}

const given = asked();
process.exitCode = given === undefined ? 2 : await main(given);
