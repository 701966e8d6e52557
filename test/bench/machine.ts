/** The machine of a run. Figures mean nothing without it. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, platform, release } from 'node:os';

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly node: string;
  readonly redis: string;
  /** Load average of the minute before: other processes on the machine distort the figures. */
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
  const text = execFileSync('redis-server', ['--version'], { encoding: 'utf8' });
  return /v=(\S+)/.exec(text)?.[1] ?? text.trim();
}
