/**
 * The inside of the thread that runs trials. It compiles the running rules when a trial first needs them, and again when
 * they have changed:
 *
 *     main ── run(task, hash of the running rules) ─────────────▶ thread
 *          ◀──────────────────────────────────────────── started     the bound on time counts from here
 *          ◀── rules-wanted ── rules(source) ──▶ ◀── rules-ready     only if it lacks them
 *          ◀──────────────────────────────────────────── outcome
 */
import type { MessagePort } from 'node:worker_threads';
import { recompile, type SetSource } from '../../compile/index.ts';
import type { Problem } from '../../core/problem.ts';
import type { Loaded } from './reload.ts';
import type { MakeStores } from './rule-tests.ts';
import { runTrial, type TrialOutcome, type TrialTask } from './trial.ts';

export type ToThread =
  | { readonly kind: 'run'; readonly task: TrialTask; readonly hash: string; readonly latenessMs: number }
  | { readonly kind: 'rules'; readonly source: SetSource; readonly problems: readonly Problem[] };

export type FromThread =
  | { readonly kind: 'started' }
  | { readonly kind: 'rules-wanted' }
  | { readonly kind: 'rules-ready' }
  | { readonly kind: 'outcome'; readonly outcome: TrialOutcome };

/** Runs the trials that arrive at the port, one at a time. */
export function serveTrials(port: MessagePort, stores: MakeStores): void {
  let loaded: { readonly hash: string; readonly rules: Loaded } | undefined;
  let arrived: ((message: Extract<ToThread, { kind: 'rules' }>) => void) | undefined;
  const say = (message: FromThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

  async function running(hash: string): Promise<Loaded> {
    if (loaded?.hash === hash) return loaded.rules;
    const { promise, resolve } = Promise.withResolvers<Extract<ToThread, { kind: 'rules' }>>();
    arrived = resolve;
    say({ kind: 'rules-wanted' });
    const { source, problems } = await promise;
    const rules = { ruleset: recompile(source), problems };
    loaded = { hash: rules.ruleset.hash, rules };
    say({ kind: 'rules-ready' });
    return rules;
  }

  port.on('message', (message: ToThread) => {
    if (message.kind === 'rules') {
      arrived?.(message);
      return;
    }
    const { task, hash, latenessMs } = message;
    say({ kind: 'started' });
    // A fault is a bug: it ends the thread, and reaches the request as the thread's error.
    void runTrial(task, { stores, latenessMs, running: async () => running(hash) }).then((outcome) =>
      say({ kind: 'outcome', outcome }, outcome.kind === 'answer' ? [outcome.json.buffer] : []),
    );
  });
}
