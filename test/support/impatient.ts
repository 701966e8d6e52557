/**
 * `bin/weir` in a hurry, for tests that kill: the same command line, but what a silent worker left is claimed after
 * 0.4 s. And faults: an event that carries `fault: exit` kills the process that matches it, `fault: throw` makes
 * matching throw.
 *
 *     node test/support/impatient.ts worker
 */
import type { Event } from '../../engine/core/event.ts';
import { limits } from '../../engine/core/limits.ts';
import { View } from '../../engine/core/view.ts';

Object.assign(limits, { claimIdleMs: 400 });

const load = Object.getOwnPropertyDescriptor(View.prototype, 'load')!.value as (this: View, event: Event) => View;
Object.defineProperty(View.prototype, 'load', {
  value(this: View, event: Event): View {
    if (event.raw['fault'] === 'exit') process.kill(process.pid, 'SIGKILL');
    if (event.raw['fault'] === 'throw') throw new Error('this event cannot be matched');
    return load.call(this, event);
  },
});

await import('../../engine/cli/main.ts');
