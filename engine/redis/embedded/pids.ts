/**
 * Identifies processes. A process id alone proves nothing, because the system may have reused it. So a process is
 * identified by its id and its start time, and a server by its command line.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Identifies one run of a process; undefined if no process has that id (or only a zombie has it). */
export function startTimeOf(pid: number): string | undefined {
  const stat = procFile(pid, 'stat');
  if (stat === undefined) return isAlive(pid) ? ps(pid, 'lstart=') : undefined;
  // The name, in parentheses, may contain anything. The state follows it; the start time is the 20th field from there.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId()}:${fields[19]}`;
}

/** The command line of a process; empty if there is no such process. */
export function commandLineOf(pid: number): string {
  return startTimeOf(pid) === undefined ? '' : (procFile(pid, 'cmdline')?.replaceAll('\0', ' ') ?? ps(pid, 'args=') ?? '');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function procFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
};

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
