/** Posts hours of events within seconds: the log of a key grows and is cut while an absence still waits for the clock. */
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import type { Event } from '../../../engine/core/event.ts';
import { profiler } from '../../../engine/core/correlate/log-profile.ts';
import { memoryWindowStore } from '../../../engine/memory/correlate/window-store.ts';
import { silent } from '../../../engine/runtime/metering/meter.ts';
import { pipeline } from '../../../engine/runtime/pipeline/pipeline.ts';
import { rulesOf } from '../../support/rules.ts';

const rule = `
id: nothing-after
steps:
  - { name: a, conditions: { all: [{ fact: kind, operator: equal, value: a }] } }
  - { name: b, conditions: { all: [{ fact: kind, operator: equal, value: b }] } }
  - { name: c, not: true, within: 5s, conditions: { all: [{ fact: kind, operator: equal, value: c }] } }
correlation: { type: temporal_ordered, group-by: [user], timespan: 10s }
`;

const begin = Date.UTC(2026, 0, 1);
const hour = 3_600_000;

describe('an absence', () => {
  it('fires when it is due, even if hours of further events have caused its log to be cut', async () => {
    const latenessMs = 1000;
    const profile = profiler({ latenessMs, lagMs: hour });
    const events: Event[] = [];
    const alerts: Alert[] = [];
    const windows = memoryWindowStore(profile, { alert: (alert) => void alerts.push(alert), update: () => undefined });
    const run = pipeline(rulesOf(rule), {
      windows,
      evidence: { fetch: async (refs) => refs.map(({ index }) => events[index]!) },
      outbox: { add: async () => undefined },
      profile,
      latenessMs,
      meter: silent,
      onRuleFault: (id, fault) => expect.unreachable(`${id}: ${String(fault)}`),
    });
    /** An event of that time arrives, after everything before it has been processed. */
    async function arrives(kind: string, time: number, arrivalMs: number): Promise<void> {
      const id = `e${events.length}`;
      const event: Event = { id, time: begin + time, dataset: 'd', raw: { id, kind, user: 'ann' }, mapped: undefined, tags: [] };
      events.push(event);
      const ref = { shard: 0, ms: begin + arrivalMs, seq: 0, index: events.length - 1 };
      await run.process([[{ event, ref }]], { clock: { ms: begin + arrivalMs, seq: 0 }, createdAt: (at) => at });
    }

    await arrives('a', 0, 1);
    for (let i = 0; i < 30; i++) await arrives('a', 1000 + i, 2 + i);
    await arrives('b', 3000, 100);
    for (let i = 0; i < 100; i++) await arrives('a', hour + 60_000 * i, 200 + i);
    expect(alerts).toEqual([]);
    // Due at 100 + 5 s + lateness.
    await arrives('a', 3 * hour, 6200);
    expect(alerts.map(({ group, value }) => ({ group, value }))).toEqual([{ group: { user: 'ann' }, value: 2 }]);
  });
});
