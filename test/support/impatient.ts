/**
 * `bin/weir` with short timeouts and with faults, for tests that kill processes. The command line is the same, but:
 *
 *   - entries of a silent worker are claimed after 0.4 s;
 *   - overdue notifications of closed alerts are made after 0.3 s;
 *   - counts of suppressed alerts are updated after a second;
 *   - WEIR_TEST_SILENCE_MS sets when a silent Redis is given up;
 *   - an event with `fault: exit` kills the process that matches it, and `fault: throw` makes matching throw;
 *   - with WEIR_TEST_CLOCK=jumps the clock of the process is an hour ahead and an hour behind in turn.
 *
 *     node test/support/impatient.ts worker
 */
import type { Event } from '../../engine/core/event.ts';
import { limits } from '../../engine/core/limits.ts';
import { View } from '../../engine/core/match/view.ts';

Object.assign(limits, { claimIdleMs: 400, closingTellMs: 300, recountMsMax: 1000 });
if (process.env['WEIR_TEST_SILENCE_MS'] !== undefined)
  Object.assign(limits, { redisSilenceMsMax: Number(process.env['WEIR_TEST_SILENCE_MS']) });

if (process.env['WEIR_TEST_CLOCK'] === 'jumps') {
  const now = Date.now;
  Date.now = () => now() + (Math.floor(now() / 300) % 2 === 0 ? 3_600_000 : -3_600_000);
}

const load = Object.getOwnPropertyDescriptor(View.prototype, 'load')!.value as (this: View, event: Event) => View;
Object.defineProperty(View.prototype, 'load', {
  value(this: View, event: Event): View {
    if (event.raw['fault'] === 'exit') process.kill(process.pid, 'SIGKILL');
    if (event.raw['fault'] === 'throw') throw new Error('this event cannot be matched');
    return load.call(this, event);
  },
});

await import('../../engine/cli/main.ts');
