/** Observations as a list: the input of a store under test, or the output of an observer. */
import type { Entry } from '../../engine/core/correlate/entry.ts';
import type { LogTarget } from '../../engine/core/correlate/target.ts';
import type { Observations } from '../../engine/core/correlate/observe.ts';
import type { Appended, WindowStore } from '../../engine/runtime/correlate/ports.ts';

/** One entry for one log. */
export type Append = { readonly target: LogTarget; readonly entry: Entry };

/** Appends them as one batch. */
export function appendAll(store: WindowStore, appends: readonly Append[]): Promise<Appended> {
  const buffer = store.openAppend();
  for (const { target, entry } of appends) {
    buffer.of(entry.time, entry.id, entry.ref);
    buffer.add(target, entry.step, entry.index, entry.value);
  }
  return buffer.append();
}

/** Collects the observations of the event last passed to `of()`. */
export function listing(): Observations & { readonly appends: readonly Append[] } {
  const appends: Append[] = [];
  let event: Pick<Entry, 'time' | 'id' | 'ref'>;
  return {
    appends,
    of: (time, id, ref) => void (event = { time, id, ref }),
    add: (target, step, index, value) => void appends.push({ target, entry: { ...event, step, index, value, counted: false } }),
  };
}
