/** The machine a run was made on: figures without it mean nothing. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, platform, release } from 'node:os';

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly node: string;
  readonly redis: string;
  /** Processes that wanted to run, over the minute before: what shares the machine falsifies the figures. */
  readonly load: number;
};

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  os: `${platform()} ${release()}`,
  node: process.version,
  redis: redisVersion(),
  load: Math.round(loadavg()[0]! * 100) / 100,
});

function redisVersion(): string {
  const told = execFileSync('redis-server', ['--version'], { encoding: 'utf8' });
  return /v=(\S+)/.exec(told)?.[1] ?? told.trim();
}
