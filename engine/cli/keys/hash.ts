/** `weir keys hash`: the entry that the configuration holds instead of a secret. The secret is read from stdin, because arguments are visible in process lists. */
import type { Readable } from 'node:stream';
import { hashOf, keySetting, secretPattern, type ApiKey } from '../../core/access/api-key.ts';
import { exitCodes } from '../../errors.ts';
import { newSecret } from '../../runtime/access/api-keys.ts';
import { usageError } from '../args.ts';
import type { Io } from '../command.ts';

/** More characters than any secret has. */
const readMax = 4096;

/** @param key name and scopes, to print a whole entry; undefined: print the hash alone */
export async function hashKey(key: Pick<ApiKey, 'name' | 'scopes'> | undefined, isNew: boolean, io: Io): Promise<number> {
  const secret = isNew ? newSecret() : await read(io.stdin);
  if (!secretPattern.test(secret))
    throw usageError('keys', 'no valid secret on stdin; expected one line of 16 to 256 characters from A-Z a-z 0-9 . _ ~ + / -');
  const hash = hashOf(secret);
  const entry = key === undefined ? `sha256:${hash}` : keySetting({ ...key, hash });
  if (io.json) await io.print(JSON.stringify({ entry, ...(isNew ? { secret } : {}) }));
  else if (!isNew) await io.print(entry);
  else {
    await io.print(`secret  ${secret}`);
    await io.print(`entry   ${entry}`);
  }
  return exitCodes.fine;
}

async function read(stdin: Readable): Promise<string> {
  let text = '';
  for await (const part of stdin) {
    text += String(part);
    if (text.length > readMax) break;
  }
  return text.trim();
}
