/** What each stage has: how much passes, and how long a batch takes. */
import { quantiles, rate, sum, type Panel } from './frame.ts';

export const through = (stage: string, what: string): Panel[] => [
  {
    title: `${what} per second`,
    description: `What passes the stage "${stage}", by process.`,
    unit: 'eps',
    queries: [{ expr: sum(rate('weir_stage_events_total', `stage="${stage}"`), 'instance'), legend: '{{instance}}' }],
  },
  {
    title: `Time of a batch in ${stage}`,
    description: `How long one batch spends in the stage "${stage}", waiting for Redis included.`,
    unit: 's',
    queries: quantiles('weir_stage_duration_seconds', `stage="${stage}"`),
  },
];
