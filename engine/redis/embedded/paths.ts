/**
 * The paths of the embedded Redis. Data, log and process id are in the data folder. So is the socket, unless that path is
 * too long for the system (sun_path: 108 bytes on Linux, 104 on macOS, including the closing zero). Then the socket is in
 * a private folder under the system's temporary one, named after the data folder so that it can be found again.
 */
import { accessSync, chmodSync, constants, lstatSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { strongHash } from '../../core/util/hash.ts';
import { WeirError } from '../../errors.ts';

export type Paths = { readonly folder: string; readonly log: string; readonly pid: string; readonly socket: string };

/** The lowest limit of these systems, without the closing zero. */
const socketBytesMax = 103;

/**
 * Creates the folders, private to this user.
 * @throws WeirError (78) with the reason when a folder cannot be used
 */
export function preparePaths(dataPath: string): Paths {
  const folder = preparedFolder(dataPath);
  return { folder, log: join(folder, 'redis.log'), pid: join(folder, 'redis.pid'), socket: socketPath(folder) };
}

/**
 * Creates the data folder and checks that it is writable.
 * @returns its real path
 */
function preparedFolder(dataPath: string): string {
  try {
    makeFolder(dataPath);
    const folder = realpathSync(dataPath);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const probe = join(folder, `.weir-probe-${process.pid}`);
    try {
      writeFileSync(probe, 'weir', { mode: 0o600 });
    } finally {
      rmSync(probe, { force: true });
    }
    return folder;
  } catch (error) {
    throw folderError(dataPath, error as NodeJS.ErrnoException);
  }
}

/**
 * Creates a folder and its parents, level by level: with `recursive`, Node retries for ever in a folder that exists but
 * accepts no new ones, such as /proc.
 */
function makeFolder(path: string): void {
  const stands = (): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (stands()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!stands()) throw error;
  }
}

function folderError(dataPath: string, error: NodeJS.ErrnoException): WeirError {
  const cannot = `the data folder ${dataPath} cannot be used`;
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return new WeirError(
        `${cannot}: no permission (${error.path ?? dataPath}).`,
        'Give this user the right to write there, or set WEIR_DATA to another folder.',
      );
    case 'EROFS':
      return new WeirError(`${cannot}: the file system is read-only.`, 'Mount it writable, or set WEIR_DATA to another folder.');
    case 'ENOSPC':
    case 'EDQUOT':
      return new WeirError(`${cannot}: the disk is full.`, 'Make room, or set WEIR_DATA to a folder on another disk.');
    case 'ENOTDIR':
    case 'EEXIST':
      return new WeirError(
        `${cannot}: a file stands in its way (${error.path ?? dataPath}).`,
        'Move that file, or set WEIR_DATA to another folder.',
      );
    case 'ENOENT':
      return new WeirError(`${cannot}: nothing can be made in ${dirname(error.path ?? dataPath)}.`, 'Set WEIR_DATA to another folder.');
    default:
      return new WeirError(`${cannot}: ${error.message}.`, 'Set WEIR_DATA to another folder.');
  }
}

function socketPath(folder: string): string {
  const path = socketOf(folder);
  if (dirname(path) !== folder) privateFolder(dirname(path));
  return path;
}

/**
 * The path of a data folder's socket, whether or not it exists.
 * @throws WeirError (78) when no path is short enough
 */
export function socketOf(folder: string): string {
  const beside = join(folder, 'redis.sock');
  if (Buffer.byteLength(beside) <= socketBytesMax) return beside;
  const name = `weir-${process.getuid?.() ?? 0}-${strongHash(folder, 16)}`;
  const path = [tmpdir(), '/tmp']
    .map((base) => join(base, name, 'redis.sock'))
    .find((candidate) => Buffer.byteLength(candidate) <= socketBytesMax);
  if (path !== undefined) return path;
  throw new WeirError(
    `the path of the data folder is too long for a socket in it (${Buffer.byteLength(beside)} bytes, at most ${socketBytesMax}).`,
    'Set WEIR_DATA to a shorter path.',
  );
}

/** Every user may write to the temporary folder, so a folder of another user with this name is not used. */
function privateFolder(path: string): void {
  makeFolder(path);
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new WeirError(
      `${path} belongs to somebody else.`,
      'Remove it, or set WEIR_DATA to a shorter path, so that the socket fits into the data folder.',
    );
  }
  chmodSync(path, 0o700);
}
