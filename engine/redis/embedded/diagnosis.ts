/**
 * Finds the reason why the embedded Redis did not start, or ended, in its output: one line with a remedy instead of a page
 * of log. It never repairs or deletes data: a step that could lose data is left to the operator.
 */
import { WeirError } from '../../errors.ts';
import type { Server } from './find.ts';
import type { Paths } from './paths.ts';

type Cause = {
  readonly says: RegExp;
  explain(paths: Paths, server: Server, said: RegExpExecArray): { readonly message: string; readonly hint: string };
};

/** The order matters: a full disk may cause further complaints about the file that could not be written. */
const causes: readonly Cause[] = [
  {
    says: /No space left on device|Disk quota exceeded|Short write while writing to the AOF/,
    explain: ({ folder }) => ({
      message: `the disk of ${folder} is full.`,
      hint: 'Make room, or set WEIR_DATA to a folder on another disk. Nothing was lost.',
    }),
  },
  {
    says: /Read-only file system/,
    explain: ({ folder }) => ({
      message: `the file system of ${folder} is read-only.`,
      hint: 'Mount it writable, or set WEIR_DATA to another folder.',
    }),
  },
  {
    says: /Can't handle RDB format version (\d+)|RDB file version (\d+)/,
    explain: ({ folder }, server, said) => ({
      message: `${folder} was written by a newer Redis (format ${said[1] ?? said[2]}) than ${server.path} ${server.version}.`,
      hint: 'Use the newer server again, or set WEIR_DATA to an empty folder.',
    }),
  },
  {
    says: /Bad file format reading the append only file:? ?([^\s:]*)|Unexpected end of file reading the append only file:? ?([^\s:]*)|Wrong signature|AOF loading aborted|Invalid AOF manifest|Error handling manifest|append only file.*(?:corrupt|invalid)|Unable to obtain the AOF file/i,
    explain: ({ folder, log }, server) => ({
      message: `the append-only file in ${folder} is damaged; nothing was changed (details: ${log}).`,
      hint: `Copy the folder, then repair the copy: ${server.path.replace(/(redis|valkey)-server$/, '$1-check-aof')} --fix FILE cuts everything behind the damage. Or restore a backup.`,
    }),
  },
  {
    says: /Permission denied/,
    explain: ({ folder }) => ({
      message: `Redis may not read or write its files in ${folder}.`,
      hint: 'They belong to another user: give them to this one (chown -R), or set WEIR_DATA to another folder.',
    }),
  },
  {
    says: /[Oo]ut of memory|Cannot allocate memory/,
    explain: ({ folder }) => ({
      message: `the data in ${folder} does not fit into the memory.`,
      hint: 'Give the machine more memory, and raise WEIR_MAXMEMORY.',
    }),
  },
  {
    says: /FATAL CONFIG FILE ERROR[^]*?>>> '([^\n]*)'\n([^\n]*)/,
    explain: (_paths, server, said) => ({
      message: `${server.path} ${server.version} does not take the setting ${said[1]}: ${said[2]}.`,
      hint: 'Use Redis 6.2 or newer, or Valkey, or set REDIS_URL.',
    }),
  },
];

/** The cause found in the output; undefined if it names no known cause. */
export function causeOf(said: string, paths: Paths, server: Server): { readonly message: string; readonly hint: string } | undefined {
  for (const { says, explain } of causes) {
    const found = says.exec(said);
    if (found !== null) return explain(paths, server, found);
  }
  return undefined;
}

/**
 * @param said its output, and the part of its log written since this start
 * @param ended how the process ended, as `exit code 1` or `SIGKILL`
 */
export function diagnose(said: string, ended: string, paths: Paths, server: Server): WeirError {
  const cause = causeOf(said, paths, server);
  if (cause !== undefined) return new WeirError(`the embedded Redis did not start: ${cause.message}`, cause.hint);
  const last = said.split('\n').findLast((line) => /#|rror|atal/.test(line) && line.trim() !== '') ?? '';
  const reason = last.replace(/^\d+:\w .*? [#*.-] /, '').trim();
  return new WeirError(`the embedded Redis did not start (${ended})${reason === '' ? '' : `: ${reason}`}`, `Its log is ${paths.log}.`);
}
