/**
 * The Lua scripts, one file each under scripts/, with a header that says KEYS, ARGV and what comes back. Numbers that a
 * script shares with TypeScript stand in it as `{{name}}` and are filled in when it is read, before its SHA is computed.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { limits } from '../../core/limits.ts';
import { logLayout } from '../correlate/log-layout.ts';

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
  'settle',
  'trim',
] as const;

export type ScriptName = (typeof scriptNames)[number];

export type Script = {
  readonly text: string;
  /** What EVALSHA calls it by. */
  readonly sha: string;
};

/** What `{{name}}` stands for. */
export const scriptNumbers: Readonly<Record<string, number>> = {
  ...logLayout,
  tidyEntriesMin: limits.tidyEntriesMin,
  tidyGrowthMax: limits.tidyGrowthMax,
  newLogsKeptMs: limits.newLogsKeptMs,
};

/** @throws when it names a number that is not there */
export function fillIn(lua: string, numbers: Readonly<Record<string, number>> = scriptNumbers): string {
  return lua.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const number = numbers[name];
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
