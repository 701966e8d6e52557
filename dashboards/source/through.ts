/** The panels of each stage: throughput and batch duration. */
import { quantiles, rate, sum, type Panel } from './frame.ts';

export const through = (stage: string, what: string): Panel[] => [
  {
    title: `${what} per second`,
    description: `Throughput of the stage "${stage}", by process.`,
    unit: 'eps',
    queries: [{ expr: sum(rate('weir_stage_events_total', `stage="${stage}"`), 'instance'), legend: '{{instance}}' }],
  },
  {
    title: `Batch duration in the ${stage} stage`,
    description: `Time that a batch spends in the stage "${stage}", including waits for Redis.`,
    unit: 's',
    queries: quantiles('weir_stage_duration_seconds', `stage="${stage}"`),
  },
];
