/** The Lua scripts, one file each under scripts/, with a header that says KEYS, ARGV and what comes back. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

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

const read = new Map<ScriptName, Script>();

/** Reads the script once per process. */
export function scriptOf(name: ScriptName): Script {
  let script = read.get(name);
  if (script === undefined) {
    const text = readFileSync(new URL(`../scripts/${name}.lua`, import.meta.url), 'utf8');
    script = { text, sha: createHash('sha1').update(text).digest('hex') };
    read.set(name, script);
  }
  return script;
}
