/**
 * When the numbers of a muted alert are brought up to date. A look at a log takes about 0.7 µs for each entry, so logs
 * wait in proportion to what they hold: thousands of muted keys, each with an event now and then, would else cost a
 * look at a whole log for each event.
 */
import { limits } from './limits.ts';

/** How long after a repeat a log of that many entries is judged anew, ms. */
export const recountAfterMs = (entries: number): number =>
  Math.min(limits.recountMsMax, Math.max(limits.recountMs, entries * limits.recountEntryMs));
