/**
 * The lock that lets only one Weir use a data folder. It is a file that names the owner's process. It is written under
 * another name and linked into place, so that no reader sees half of it. A lock whose owner is gone is renamed away
 * before it is replaced: if two processes find it at the same time, only one renames that very file. The other one sees
 * that it has renamed a fresh lock, puts it back and gives up.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '../../errors.ts';
import { startTimeOf } from './pids.ts';

type Owner = { readonly pid: number; readonly start: string; readonly token: string };

/** How often a lock may vanish or change during an attempt before this is reported as an error. */
const triesMax = 20;

/**
 * Locks the folder for this process.
 * @returns a function that releases the lock
 * @throws WeirError (78) when another process holds it
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'weir.lock');
  const mine: Owner = { pid: process.pid, start: startTimeOf(process.pid) ?? '', token: randomUUID() };
  const draft = join(folder, `weir.lock.${mine.token}`);
  try {
    writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
    for (let tries = 0; tries < triesMax; tries++) {
      if (linked(draft, path)) return () => release(path, mine);
      const found = read(path);
      if (found !== undefined && isHeld(found)) throw taken(folder, found);
      const away = `${draft}.old`;
      if (!renamed(path, away)) continue;
      const removed = read(away);
      const fresh = removed !== undefined && removed.token !== found?.token;
      if (fresh) linked(away, path);
      rmSync(away, { force: true });
      if (fresh && isHeld(removed)) throw taken(folder, removed);
    }
    throw new WeirError(`${path} keeps changing.`, 'Start Weir only once on a data folder.');
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The process that holds the lock; undefined if none does. */
export function lockOwner(folder: string): number | undefined {
  const owner = read(join(folder, 'weir.lock'));
  return owner !== undefined && isHeld(owner) ? owner.pid : undefined;
}

const isHeld = (owner: Owner): boolean => startTimeOf(owner.pid) === owner.start;

const taken = (folder: string, owner: Owner): WeirError =>
  new WeirError(
    `another Weir (process ${owner.pid}) already uses the data folder ${folder}.`,
    'To share its Redis, set REDIS_URL. Otherwise stop that one, or give this one a folder of its own: WEIR_DATA=…',
  );

function read(path: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const { pid, start, token } = Object(value) as Partial<Record<keyof Owner, unknown>>;
    return Number.isSafeInteger(pid) && typeof start === 'string' && typeof token === 'string'
      ? { pid: pid as number, start, token }
      : undefined;
  } catch {
    return undefined;
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function release(path: string, mine: Owner): void {
  if (read(path)?.token === mine.token) rmSync(path, { force: true });
}
