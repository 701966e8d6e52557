/**
 * Keeps the running rules those of the folder: a good set replaces the old one between two batches; a bad document
 * keeps its own last good version and is reported; the rest goes live. Where the folder is gone, or cannot be looked at,
 * the running rules stay, with that as a problem, until it is there again.
 *
 * The folder is looked at again and again rather than watched: watches miss what network file systems and bind mounts
 * do, and a look at some hundred files' sizes and times costs less than a millisecond. A change is taken up when it
 * has stood still for one look, so that a half-written file is not read.
 */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { compile } from '../compile/index.ts';
import type { Problem } from '../core/problem.ts';
import type { RuleSet } from '../core/ruleset.ts';
import { strongHash } from '../core/hash.ts';
import { walkFolder } from './folder-walk.ts';
import { readRuleFolder } from './rule-folder.ts';

export type Loaded = { readonly ruleset: RuleSet; readonly problems: readonly Problem[] };

export type ReloadDeps = {
  readonly folder: string;
  readonly lookMs?: number;
  /** Told of every set that goes live, the first one included, and of the running one when the folder is back. */
  readonly onLoaded: (loaded: Loaded) => void;
  /** Told once when the folder cannot be read, and again when for another reason. */
  readonly onFault: (fault: Error) => void;
};

export type Rules = {
  current(): Loaded;
  run(): Promise<void>;
  stop(): void;
};

/** Reads the folder once, so that the rules are there before the first batch. @throws WeirError when it cannot be read */
export async function openRules(deps: ReloadDeps): Promise<Rules> {
  let seen = await look(deps.folder);
  let loaded = await load(deps.folder, undefined);
  let unread: Error | undefined;
  const stopped = new AbortController();
  deps.onLoaded(loaded);

  async function refresh(): Promise<void> {
    const first = await look(deps.folder);
    if (first === seen) return;
    await pause(deps.lookMs ?? 1000, stopped.signal);
    if ((await look(deps.folder)) !== first) return;
    loaded = await load(deps.folder, loaded.ruleset);
    seen = first;
    deps.onLoaded(loaded);
  }

  function failed(fault: Error): void {
    if (unread?.message !== fault.message) deps.onFault(fault);
    unread = fault;
  }

  async function attempt(): Promise<void> {
    const before = loaded;
    await refresh();
    if (unread === undefined) return;
    unread = undefined;
    if (loaded === before) deps.onLoaded(loaded);
  }

  return {
    current: () => (unread === undefined ? loaded : { ...loaded, problems: [unreadable(deps.folder, unread), ...loaded.problems] }),
    async run() {
      while (!stopped.signal.aborted) {
        await pause(deps.lookMs ?? 1000, stopped.signal);
        await attempt().catch(failed);
      }
    },
    stop: () => stopped.abort(),
  };
}

const unreadable = (folder: string, { message }: Error): Problem => ({
  file: folder,
  line: 1,
  column: 1,
  severity: 'error',
  code: 'unreadable',
  message: `the folder cannot be read: ${message}; the rules that were running stay`,
  hint: 'put it back, or check its permissions',
});

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);

async function load(folder: string, previous: RuleSet | undefined): Promise<Loaded> {
  const { files, problems: unread } = await readRuleFolder(folder);
  const { ruleset, problems } = compile(files, { previous });
  return { ruleset, problems: [...unread, ...problems] };
}

/** What a change of any file changes: names, sizes and times of all. */
async function look(folder: string): Promise<string> {
  // One file, or nothing at all: its own state is what there is to see.
  const { files, passed } = await walkFolder(folder).catch(() => ({ files: [folder], passed: [] }));
  const states = await Promise.all(
    files.map(async (name) => {
      const found = await stat(name).catch(() => undefined);
      return found === undefined ? name : `${name} ${found.size} ${found.mtimeMs} ${found.ino}`;
    }),
  );
  return strongHash([...states, ...passed.map(({ path, because }) => `${path} ${because}`)].join('\n'), 22);
}
