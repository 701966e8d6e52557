/** Reaching a bound is visible: whatever window logs, alerts or the outbox cut, refuse or drop is counted. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { replayFile } from '../../../engine/cli/commands/replay.ts';
import type { Event, JsonObject, Located } from '../../../engine/core/event.ts';
import { TargetCache } from '../../../engine/core/correlate/target.ts';
import { limits } from '../../../engine/core/limits.ts';
import { logTarget } from '../../../engine/core/correlate/target.ts';
import { profiler } from '../../../engine/core/correlate/log-profile.ts';
import { memoryAlerts } from '../../../engine/memory/alert/alerts.ts';
import { memoryEvidence, type MemoryRef } from '../../../engine/memory/alert/evidence.ts';
import { memoryWindowStore } from '../../../engine/memory/correlate/window-store.ts';
import { forward } from '../../../engine/runtime/forward/forward.ts';
import { Forwarder } from '../../../engine/runtime/forward/forwarder.ts';
import { pipeline } from '../../../engine/runtime/pipeline/pipeline.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { countingMeter } from '../../support/counting.ts';
import { forwardBench } from '../../support/forwarding.ts';
import { until } from '../../support/processes.ts';
import { countRule, rulesOf } from '../../support/rules.ts';

const begin = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
let arrivals = 0;

/** Events arrive in the order in which they are created, whatever their times. */
function arrived(ms: number, user = 'ann'): Located {
  const n = ++arrivals;
  const event: Event = { id: `e${n}`, time: begin + ms, dataset: 'd', raw: { kind: 'a', user }, mapped: undefined, tags: [] };
  const ref: MemoryRef = { shard: 0, ms: begin + n, seq: 0, index: 0, event };
  return { event, ref };
}

/** Processes the batches, all of which arrived before the clock. @returns the counters */
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
  it('count the entries over the cap', async () => {
    const many = Array.from({ length: limits.stepEntriesMax + 100 }, (_, i) => arrived(60 * i));
    expect((await counts(`gte: ${limits.stepEntriesMax}`, [many]))['evicted log_entries']).toBe(100);
  });

  it('count the entries that are older than the log reaches back', async () => {
    const day = Array.from({ length: 100 }, (_, i) => arrived(24 * hour + i));
    const counted = await counts('gte: 2', [day, [arrived(0), arrived(1)], [arrived(24 * hour + 200)]]);
    expect(counted['late']).toBe(2);
  });

  it('count the entries that would have opened a log over the budget', async () => {
    const users = Array.from({ length: limits.partitions + 3 }, (_, i) => arrived(i, `user ${i}`));
    expect((await counts('gte: 2', [users], { newLogsMax: 1 }))['refusedLogs']).toBe(3);
  });

  it('count nothing when no bound is reached', async () => {
    const counted = await counts('gte: 2', [[arrived(0), arrived(1)]]);
    expect(counted).toEqual({ evaluated: 1, 'fired medium': 1 });
  });
});

describe('the bounds of an event', () => {
  const all = 'conditions: { all: [{ fact: kind, operator: equal, value: a }] }';
  const cards = `id: cards\n${all}\ncorrelation: { type: value_count, group-by: [host], timespan: 1m, condition: { field: card, gte: 2 } }`;
  const sums = `id: sums\n${all}\ncorrelation: { type: value_sum, group-by: [host], timespan: 1m, condition: { field: amount, gte: 2 } }`;
  const ports = `id: ports\n${all}\nentities: [port]\ncorrelation: { type: event_count, group-by: [host], timespan: 1m, condition: { gte: 1 } }`;
  const each = `id: each\n${all}\nentities: [port]`;
  const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `n${n}`);

  /** What one event with these fields makes the pipeline count, and what a replay of it reports. */
  async function cutOf(rule: string, raw: JsonObject): Promise<unknown> {
    const line = { 'event.id': 'e', '@timestamp': '2026-01-01T00:00:00Z', kind: 'a', host: 'h', ...raw };
    const { meter, counted } = countingMeter();
    const profile = profiler({ latenessMs: 1000, lagMs: 1000 });
    const alerts = memoryAlerts();
    const deps = {
      windows: memoryWindowStore(profile, alerts),
      evidence: memoryEvidence(),
      outbox: alerts,
      profile,
      latenessMs: 1000,
      meter,
    };
    const run = pipeline(rulesOf(rule), { ...deps, onRuleFault: (_, fault) => expect.unreachable(String(fault)) });
    const event: Event = { id: 'e', time: begin, dataset: 'd', raw: line, mapped: undefined, tags: [] };
    const located = { event, ref: { shard: 0, ms: begin, seq: 0, index: 0, event } as MemoryRef };
    await run.process([[located]], { clock: { ms: begin + 1, seq: 0 }, createdAt: (at) => at });
    const said: string[] = [];
    const files = [{ path: 'r.yaml', text: rule }];
    const io = { stdin: Readable.from([Buffer.from(JSON.stringify(line))]), say: (told: string) => void said.push(told) };
    await replayFile('-', [{ ruleset: rulesOf(rule), files }], { latenessMs: 1000, drain: false, dataset: undefined }, io);
    const cuts = Object.entries(counted).filter(([name]) => name.startsWith('cut '));
    return { cuts: Object.fromEntries(cuts), said: said.slice(1) };
  }

  it.each([
    [
      'groups',
      countRule('burst', 'gte: 2'),
      'user',
      limits.groupsPerEventMax,
      '1 times an event belonged to more groups than a rule accepts per event',
    ],
    ['values', cards, 'card', limits.valuesPerEventMax, '1 times an event had more values than a rule accepts per event'],
    ['entities', ports, 'port', limits.entityValuesMax, '1 entities of alerts had more values than an alert shows'],
    ['entities', each, 'port', limits.entityValuesMax, '1 entities of alerts had more values than an alert shows'],
  ])('reports %s beyond the bound', async (what, rule, field, most, report) => {
    expect(await cutOf(rule, { [field]: [...names(most), 'n0'] })).toEqual({ cuts: {}, said: [] });
    expect(await cutOf(rule, { [field]: names(most + 1) })).toEqual({ cuts: { [`cut ${what}`]: 1 }, said: [report] });
  });

  it.each([
    ['one event', `id: long\n${all}\nmessage: '{{note}}'`],
    ['a window', `id: long\n${all}\nmessage: '{{note}}'\n${ports.slice(ports.indexOf('correlation:'))}`],
  ])('reports a message beyond the bound, of %s', async (_, rule) => {
    expect(await cutOf(rule, { note: 'x'.repeat(limits.messageLengthMax) })).toEqual({ cuts: {}, said: [] });
    expect(await cutOf(rule, { note: 'x'.repeat(limits.messageLengthMax + 1) })).toEqual({
      cuts: { 'cut message': 1 },
      said: ['1 messages were longer than an alert shows'],
    });
  });

  it('counts evidence beyond the bound', async () => {
    const rule = `id: fat\n${all}\n${ports.slice(ports.indexOf('correlation:')).replace('gte: 1', 'gte: 3')}`;
    const { meter, counted } = countingMeter();
    const profile = profiler({ latenessMs: 1000, lagMs: 1000 });
    const alerts = memoryAlerts();
    const windows = memoryWindowStore(profile, alerts);
    const onRuleFault = (_: string, fault: unknown) => expect.unreachable(String(fault));
    const run = pipeline(rulesOf(rule), {
      windows,
      evidence: memoryEvidence(),
      outbox: alerts,
      profile,
      latenessMs: 1000,
      meter,
      onRuleFault,
    });
    const located = [1, 2, 3].map((seq) => {
      const raw = { kind: 'a', host: 'h', note: 'x'.repeat(60_000) };
      const event: Event = { id: `${seq}`, time: begin + seq, dataset: 'd', raw, mapped: undefined, tags: [] };
      return { event, ref: { shard: 0, ms: begin + seq, seq, index: 0, event } as MemoryRef };
    });
    await run.process([located], { clock: { ms: begin + 5, seq: 0 }, createdAt: (at) => at });
    expect(counted).toMatchObject({ 'cut evidence': 1 });
    expect(alerts.all().map(({ events }) => events.map((event) => Object.keys(event).length))).toEqual([[4, 3, 3]]);
  });

  it('counts values beyond the share of each of many groups', async () => {
    const host = names(limits.groupsPerEventMax);
    const share = limits.eventEntriesMax / host.length;
    expect(await cutOf(cards, { host, card: names(share) })).toEqual({ cuts: {}, said: [] });
    expect(await cutOf(cards, { host, card: names(share + 1) })).toMatchObject({ cuts: { 'cut values': 1 } });
  });

  it('counts numbers beyond the bound', async () => {
    expect(await cutOf(sums, { amount: Array.from({ length: limits.valuesPerEventMax }, () => 1) })).toMatchObject({ cuts: {} });
    expect(await cutOf(sums, { amount: Array.from({ length: limits.valuesPerEventMax + 1 }, () => 1) })).toMatchObject({
      cuts: { 'cut values': 1 },
    });
  });
});

describe('the cache of targets and value hashes', () => {
  it('drops everything when it reaches its bound, and reports how much', () => {
    const reports: unknown[] = [];
    const known = new TargetCache({ cut: () => expect.unreachable(), forgotten: (what, count) => void reports.push([what, count]) });
    for (let n = 0; n <= limits.valueHashesKeptMax; n++) known.hashOf(`v${n}`);
    const rule = rulesOf(countRule('burst', 'gte: 2')).byId.get('burst')!;
    const target = logTarget(rule, ['ann']);
    for (let n = 0; n <= limits.targetsKeptMax; n++) known.keep(rule, `g${n}`, target);
    expect(reports).toEqual([
      ['values', limits.valueHashesKeptMax],
      ['targets', limits.targetsKeptMax],
    ]);
    expect([...known.targetsOf(rule).keys()]).toEqual([`g${limits.targetsKeptMax}`]);
  });
});

describe('forwarding', () => {
  it('counts alerts that are stored, shadowed, queued and updated, and failures', async () => {
    const { meter, counted } = countingMeter();
    const bench = forwardBench();
    const ports = { ...bench.ports, meter };
    for (const id of ['a', 'b', 'bad']) bench.putAlert(1, alertOf(id));
    bench.putAlert(1, alertOf('quiet', { shadow: true }));
    bench.refused.add('al_bad');
    expect(await forward(ports, bench.items())).toHaveLength(1);
    bench.putUpdate(1, { id: 'al_a', version: 2, count: 9, first_seen: iso(noon), last_seen: iso(noon) });
    const updates = bench.items().filter(({ kind }) => kind === 'update');
    await forward(ports, updates);
    expect(counted).toEqual({ stored: 4, shadowed: 1, 'queued high': 2, forwardFailures: 1, updated: 1 });
    await forward(ports, bench.items());
    expect(counted).toEqual({ stored: 4, shadowed: 1, 'queued high': 2, forwardFailures: 2, updated: 1 });
  });

  it('counts once each alert that cannot be found by all of its entities', async () => {
    const { meter, counted } = countingMeter();
    const bench = forwardBench();
    const entities = (count: number): { field: string; value: string; risk: number }[] =>
      Array.from({ length: count }, (_, n) => ({ field: 'user', value: `u${n}`, risk: 1 }));
    bench.putAlert(1, alertOf('a', { entities: entities(limits.alertEntitiesMax) }));
    bench.putAlert(1, alertOf('b', { entities: entities(limits.alertEntitiesMax + 1) }));
    for (let n = 0; n < 2; n++) await forward({ ...bench.ports, meter }, bench.items());
    expect(counted).toMatchObject({ stored: 2, 'cut index': 1 });
  });

  it('counts items whose failures it no longer tracks', async () => {
    const { meter, counted } = countingMeter();
    const bench = forwardBench({ pageMax: 1000, alertsMax: 100_000 });
    for (let n = 0; n <= limits.forwardFailingMax; n++) bench.putAlert(n % 5, alertOf(`bad${n}`));
    for (const { id } of bench.items()) bench.refused.add(id);
    await using _forwarder = new Forwarder({ ...bench.ports, meter }, { sweepMs: 5 });
    await until(() => (counted['evicted failing'] ?? 0) > 0);
    expect(counted['forwardFailures']).toBeGreaterThan(limits.forwardFailingMax);
  });

  it('counts alerts that are trimmed, by status', async () => {
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
