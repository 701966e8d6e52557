/**
 * The Lua scripts, one file each under scripts/, with a header that documents KEYS, ARGV and the result. A script names
 * the numbers that it shares with TypeScript as `{{name}}`; they are filled in when it is read, before its SHA is computed.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { limits } from '../../core/limits.ts';
import { logLayout } from '../correlate/log-layout.ts';
import { own } from '../../core/util/own.ts';

export const scriptNames = [
  'alert-forget',
  'alert-mark',
  'alert-put',
  'alert-triage',
  'alert-update',
  'append',
  'budget-take',
  'clock',
  'commit',
  'compact',
  'drop-consumer',
  'ingest',
  'ledger',
  'letter-retry',
  'outbox-add',
  'outbox-remove',
  'pack-lines',
  'rate-settle',
  'review-dismiss',
  'settle',
  'trim',
  'write-check',
] as const;

export type ScriptName = (typeof scriptNames)[number];

export type Script = {
  readonly text: string;
  /** The SHA that EVALSHA takes. */
  readonly sha: string;
};

/** The values of `{{name}}`. */
export const scriptNumbers: Readonly<Record<string, number>> = {
  ...logLayout,
  tidyEntriesMin: limits.tidyEntriesMin,
  tidyGrowthMax: limits.tidyGrowthMax,
  newLogsKeptMs: limits.newLogsKeptMs,
};

/** @throws when the script names an unknown number */
export function fillIn(lua: string, numbers: Readonly<Record<string, number>> = scriptNumbers): string {
  return lua.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const number = own(numbers, name);
    if (number === undefined) throw new Error(`a script names {{${name}}}, which is no number of it`);
    return String(number);
  });
}

const read = new Map<ScriptName, Script>();

/** Reads the script once per process. */
export function scriptOf(name: ScriptName): Script {
  let script = read.get(name);
  if (script === undefined) {
    const text = fillIn(readFileSync(new URL(`../scripts/${name}.lua`, import.meta.url), 'utf8'));
    script = { text, sha: createHash('sha1').update(text).digest('hex') };
    read.set(name, script);
  }
  return script;
}
