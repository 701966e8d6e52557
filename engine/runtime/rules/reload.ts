/**
 * Keeps the running rules in sync with the folder. A new set replaces the old one between two batches. A bad document keeps
 * its last good version and is reported; so do documents that can no longer be read, even if it is the whole folder, or if
 * a file stands in its place. The others go live. Rules may be deleted, even the last one; but an empty folder where rules
 * ran before is reported as a warning until it has rules again, because an unmounted volume looks the same, and the process
 * is not ready.
 *
 * The folder is polled rather than watched: watches miss changes on network file systems and bind mounts, and reading the
 * sizes and times of some hundred files takes less than a millisecond. A change is loaded when it has been stable for one
 * poll, so that a half-written file is not read.
 */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { compile } from '../../compile/index.ts';
import type { Problem } from '../../core/problem.ts';
import type { RuleSet } from '../../core/rule.ts';
import { strongHash } from '../../core/util/hash.ts';
import { isWithin, walkFolder } from './folder-walk.ts';
import { isFolder, noRuleLeft, readRuleFolder, rereadRuleFolder, type RuleFolder } from './folder.ts';

export type Loaded = { readonly ruleset: RuleSet; readonly problems: readonly Problem[] };

export type ReloadDeps = {
  readonly folder: string;
  readonly lookMs?: number;
  /** Called with every set that goes live, including the first one. */
  readonly onLoaded: (loaded: Loaded) => void;
  readonly onFault: (what: string, fault: unknown) => void;
};

export type Rules = {
  current(): Loaded;
  run(): Promise<void>;
  stop(): void;
};

/** Reads the folder once, so that there are rules before the first batch. @throws WeirError if it cannot be read */
export async function openRules(deps: ReloadDeps): Promise<Rules> {
  let seen = await look(deps.folder);
  const wasFolder = await isFolder(deps.folder);
  let loaded = await load(() => readRuleFolder(deps.folder), undefined);
  let everHeld = holdsRules(loaded);
  const stopped = new AbortController();
  deps.onLoaded(loaded);

  async function refresh(): Promise<void> {
    const first = await look(deps.folder);
    if (first === seen) return;
    await pause(deps.lookMs ?? 1000, stopped.signal);
    if ((await look(deps.folder)) !== first) return;
    const next = await load(() => rereadRuleFolder(deps.folder, wasFolder), loaded.ruleset);
    loaded = everHeld && !holdsRules(next) ? { ...next, problems: [noRuleLeft(deps.folder), ...next.problems] } : next;
    everHeld ||= holdsRules(loaded);
    seen = first;
    deps.onLoaded(loaded);
  }

  return {
    current: () => loaded,
    async run() {
      while (!stopped.signal.aborted) {
        await pause(deps.lookMs ?? 1000, stopped.signal);
        await refresh().catch((fault: unknown) => deps.onFault('rules', fault));
      }
    },
    stop: () => stopped.abort(),
  };
}

const holdsRules = ({ ruleset }: Loaded): boolean => ruleset.rules.length > 0;

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);

async function load(read: () => Promise<RuleFolder>, previous: RuleSet | undefined): Promise<Loaded> {
  const { files, problems: found } = await read();
  const unread = found.filter(({ severity }) => severity === 'error');
  const { ruleset, problems } = compile(files, { previous, unread: (file) => unread.some((one) => isWithin(one.file, file)) });
  return { ruleset, problems: [...found, ...problems] };
}

/** A hash that changes with any file, including its permissions: made of names, sizes and times. */
async function look(folder: string): Promise<string> {
  // A single file, or nothing: look at the path itself.
  const { files, passed } = await walkFolder(folder).catch(() => ({ files: [folder], passed: [] }));
  const states = await Promise.all(
    files.map(async (name) => {
      const found = await stat(name).catch(() => undefined);
      return found === undefined ? name : `${name} ${found.size} ${found.mtimeMs} ${found.ctimeMs} ${found.ino}`;
    }),
  );
  return strongHash([...states, ...passed.map(({ path, because }) => `${path} ${because}`)].join('\n'), 22);
}
