/** Reaching a bound of window logs, alerts and outbox is counted (G7), by the number that was cut, refused or forgotten. */
import { describe, expect, it } from 'vitest';
import type { Event, Located } from '../../engine/core/event.ts';
import { limits } from '../../engine/core/limits.ts';
import { profiler } from '../../engine/core/profile.ts';
import { memoryAlerts } from '../../engine/memory/alerts.ts';
import { memoryEvidence, type MemoryRef } from '../../engine/memory/evidence.ts';
import { memoryWindowStore } from '../../engine/memory/window-store.ts';
import { forward } from '../../engine/runtime/forward.ts';
import { Forwarder } from '../../engine/runtime/forwarder.ts';
import { pipeline } from '../../engine/runtime/pipeline.ts';
import { alertOf, iso, noon } from '../support/alerts.ts';
import { countingMeter } from '../support/counting.ts';
import { forwardBench } from '../support/forwarding.ts';
import { until } from '../support/processes.ts';
import { countRule, rulesOf } from '../support/rules.ts';

const begin = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
let arrivals = 0;

/** Events arrive in the order in which they are made, whatever their times. */
function arrived(ms: number, user = 'ann'): Located {
  const n = ++arrivals;
  const event: Event = { id: `e${n}`, time: begin + ms, dataset: 'd', raw: { kind: 'a', user }, mapped: undefined, tags: [] };
  const ref: MemoryRef = { shard: 0, ms: begin + n, seq: 0, index: 0, event };
  return { event, ref };
}

/** What is counted when the batches go through, all of them arrived before the clock. */
async function counts(condition: string, batches: readonly (readonly Located[])[], { newLogsMax = Infinity } = {}) {
  const { meter, counted } = countingMeter();
  const known = profiler({ latenessMs: 1000, lagMs: 1000 });
  const profile: typeof known = (rule) => ({ ...known(rule), newLogsMax: Math.min(newLogsMax, known(rule).newLogsMax) });
  const alerts = memoryAlerts();
  const onRuleFault = (_: string, fault: unknown): never => {
    throw fault;
  };
  const windows = memoryWindowStore(profile, alerts);
  const deps = { windows, evidence: memoryEvidence(), outbox: alerts, profile, latenessMs: 1000, meter, onRuleFault };
  const run = pipeline(rulesOf(countRule('burst', condition)), deps);
  for (const batch of batches) await run.process([batch], { clock: { ms: begin + arrivals + 1, seq: 0 }, createdAt: (at) => at });
  return counted;
}

describe('window logs', () => {
  it('entries over the cap', async () => {
    const many = Array.from({ length: limits.stepEntriesMax + 100 }, (_, i) => arrived(60 * i));
    expect((await counts(`gte: ${limits.stepEntriesMax}`, [many]))['evicted log_entries']).toBe(100);
  });

  it('entries that came later than their log reaches back', async () => {
    const day = Array.from({ length: 100 }, (_, i) => arrived(24 * hour + i));
    const counted = await counts('gte: 2', [day, [arrived(0), arrived(1)], [arrived(24 * hour + 200)]]);
    expect(counted['late']).toBe(2);
  });

  it('entries that would have opened one log too many', async () => {
    const users = Array.from({ length: limits.partitions + 3 }, (_, i) => arrived(i, `user ${i}`));
    expect((await counts('gte: 2', [users], { newLogsMax: 1 }))['refusedLogs']).toBe(3);
  });

  it('nothing where no bound is reached', async () => {
    const counted = await counts('gte: 2', [[arrived(0), arrived(1)]]);
    expect(counted).toEqual({ evaluated: 1, 'fired medium': 1 });
  });
});

describe('forwarding', () => {
  it('what is stored, kept in the shadow, brought up to date, and what fails', async () => {
    const { meter, counted } = countingMeter();
    const bench = forwardBench();
    const ports = { ...bench.ports, meter };
    for (const id of ['a', 'b', 'bad']) bench.putAlert(1, alertOf(id));
    bench.putAlert(1, alertOf('quiet', { shadow: true }));
    bench.refused.add('al_bad');
    expect(await forward(ports, bench.items())).toHaveLength(1);
    bench.putUpdate(1, { id: 'al_a', version: 2, count: 9, first_seen: iso(noon), last_seen: iso(noon) });
    const updates = bench.items().filter(({ update }) => update);
    await forward(ports, updates);
    expect(counted).toEqual({ stored: 4, shadowed: 1, 'queued high': 2, forwardFailures: 1, updated: 1 });
    await forward(ports, bench.items());
    expect(counted).toEqual({ stored: 4, shadowed: 1, 'queued high': 2, forwardFailures: 2, updated: 1 });
  });

  it('alerts that are forgotten, by status', async () => {
    const { meter, counted } = countingMeter();
    const bench = forwardBench();
    await bench.ports.store.put(['a', 'b'].map((id) => alertOf(id, { shadow: true, created: iso(0) })));
    let nowMs = noon;
    await using _forwarder = new Forwarder({ ...bench.ports, meter, now: () => nowMs }, { sweepMs: 5, trimMs: 1000 });
    nowMs += 1001;
    await until(() => counted['evicted alerts_open'] !== undefined);
    expect(counted['evicted alerts_open']).toBe(2);
  });
});
