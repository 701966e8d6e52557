/**
 * A trial of rules: the check of a text, or events run through rules. Clients decide what is parsed, compiled and
 * evaluated here, so it runs in a thread of its own (trials.ts), and its answer is bounded while it is written.
 */
import { compile } from '../../compile/index.ts';
import { limits } from '../../core/limits.ts';
import type { Loaded } from './reload.ts';
import { tryEvents, type MakeStores } from './rule-tests.ts';
import { readTrialRequest, type InvalidTrial } from './trial-request.ts';

export type TrialTask =
  /** Checks the text of one rule file, YAML or JSON. `file` is the name shown in the problems. */
  | { readonly kind: 'check'; readonly text: string; readonly file: string }
  /** Runs events through rules, as `replay --drain` does. `body`: a trial request (trial-request.ts). */
  | { readonly kind: 'test'; readonly body: Uint8Array };

export type TrialOutcome =
  /** The answer as JSON in UTF-8. */
  | { readonly kind: 'answer'; readonly json: Uint8Array<ArrayBuffer> }
  | InvalidTrial
  /** Stopped at a bound: of time, of memory, or on the size of the answer. */
  | { readonly kind: 'stopped'; readonly bound: 'time' | 'memory' | 'answer' }
  /** The client went away. */
  | { readonly kind: 'gone' };

export type TrialContext = {
  readonly stores: MakeStores;
  readonly latenessMs: number;
  /** The rules that the engine runs. */
  readonly running: () => Promise<Loaded>;
};

export async function runTrial(task: TrialTask, context: TrialContext): Promise<TrialOutcome> {
  if (task.kind === 'check') {
    const { ruleset, problems } = compile([{ path: task.file, text: task.text }]);
    return answer({ rules: ruleset.rules.length }, { problems });
  }
  const request = readTrialRequest(task.body);
  if (request.kind === 'invalid') return request;
  const { rules, events } = request;
  const { ruleset, problems } = rules === undefined ? await context.running() : compile([{ path: 'rule.yaml', text: rules }]);
  const { alerts, rejected, faults } = await tryEvents(ruleset, events, context.stores, context.latenessMs);
  return answer({}, { problems, alerts, rejected, faults });
}

/** Written item by item, so that what is too large is never there as a whole. */
function answer(members: Readonly<Record<string, number>>, lists: Readonly<Record<string, readonly unknown[]>>): TrialOutcome {
  const parts = Object.entries(members).map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  let length = 0;
  for (const [name, list] of Object.entries(lists)) {
    const items: string[] = [];
    for (const item of list) {
      const text = JSON.stringify(item);
      length += text.length + 1;
      if (length > limits.trialAnswerBytesMax) return { kind: 'stopped', bound: 'answer' };
      items.push(text);
    }
    parts.push(`${JSON.stringify(name)}:[${items.join(',')}]`);
  }
  return { kind: 'answer', json: new TextEncoder().encode(`{${parts.join(',')}}`) };
}
