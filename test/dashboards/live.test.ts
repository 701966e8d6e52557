/**
 * The whole setup, running: an API and a worker that require a key, a Prometheus with the shipped configuration (except
 * for its targets), and traffic of all kinds. Every query of every panel returns data, and uses only existing metrics.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { parse } from 'yaml';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { alertRules, panelQueries, recordingRules, ruleQueries, top } from '../support/dashboards.ts';
import { ensurePrometheus, startPrometheus, type TestPrometheus } from '../support/prometheus.ts';
import { until } from '../support/processes.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { filledIn, readPromql } from '../support/promql.ts';
import { scrape, valueOf, type Sample } from '../support/samples.ts';

const secret = '4f9d0c1e8b7a6f53';
const authorization = `Bearer ${secret}`;
const rules = `
id: many-declined
level: high
conditions: { all: [{ fact: event.dataset, operator: equal, value: payments }] }
correlation: { type: event_count, group-by: [user.id], timespan: 1m, condition: { gte: 3 } }
suppress: 5s
---
id: any-login
level: low
conditions: { all: [{ fact: event.dataset, operator: equal, value: logins }] }
---
id: watched
status: shadow
conditions: { all: [{ fact: event.dataset, operator: equal, value: logins }] }
`;

let receiver: Receiver;
let engine: TestEngine;
let prometheus: TestPrometheus;
let urls: string[] = [];
let live: Sample[] = [];
let sending = true;
let traffic: Promise<void>;

/** Sends events, invalid ones among them, and drains the SIEM queue, until the test is over. */
async function drive(): Promise<void> {
  const headers = { authorization, 'content-type': 'application/x-ndjson' };
  const post = (path: string, body: string, type = 'application/json') =>
    fetch(engine.url() + path, { method: 'POST', headers: { ...headers, 'content-type': type }, body });
  for (let round = 0; sending; round++) {
    const now = new Date().toISOString();
    const events = Array.from({ length: 20 }, (_, i) =>
      JSON.stringify({ id: `p${round}-${i}`, '@timestamp': now, 'event.dataset': 'payments', user: { id: `u${round}-${i % 4}` } }),
    );
    events.push(
      JSON.stringify({ 'event.dataset': 'logins', user: { id: 'u1' } }),
      '[]',
      '{"id":"no time","time":"soon"}',
      '{"event.dataset":"strange"}',
    );
    await post('/v1/events', events.join('\n'), 'application/x-ndjson');
    // No leases if Redis is slow to answer, which is not a failure here.
    const { leases = [] } = (await (await post('/v1/siem/lease', '{"max":50}')).json()) as { leases?: { lease: string }[] };
    if (leases.length > 0) await post('/v1/siem/ack', JSON.stringify({ leases: leases.slice(1).map(({ lease }) => lease) }));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

beforeAll(async () => {
  await ensurePrometheus();
  receiver = await startReceiver();
  engine = await startEngine({
    rules: { 'a.yaml': rules },
    redis: { appendonly: 'yes', maxmemory: '1gb' },
    env: { WEIR_KEYS: `prometheus:admin=${secret}`, WEIR_HEARTBEAT: '1s', WEIR_WEBHOOKS_ALLOW: '127.0.0.1' },
  });
  await engine.start('api');
  await until(async () => {
    const created = await fetch(`${engine.url()}/v1/webhooks`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ url: receiver.url }),
    });
    return created.status === 201;
  });
  const worker = await engine.start('worker', { WEIR_METRICS_PORT: '0' });
  urls = [engine.url(), /metrics on (\S+)/.exec(worker.stderr())![1]!];

  const shipped = parse(readFileSync(join(top, 'dashboards/prometheus/prometheus.yml'), 'utf8')) as {
    global: object;
    rule_files: string[];
    scrape_configs: { authorization: object; dns_sd_configs?: unknown; static_configs: unknown }[];
  };
  const [{ dns_sd_configs: _workers, ...job }] = shipped.scrape_configs as [(typeof shipped.scrape_configs)[0]];
  const key = join(engine.server.directory, 'metrics-key');
  writeFileSync(key, `${secret}\n`);
  prometheus = await startPrometheus({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: shipped.rule_files.map((name) => join(top, 'dashboards/prometheus', name)),
    scrape_configs: [
      { ...job, authorization: { credentials_file: key }, static_configs: [{ targets: urls.map((url) => new URL(url).host) }] },
    ],
  });
  traffic = drive();
  await until(async () => (await prometheus.query('weir_rule_alerts_total{rule="many-declined"} > 0')).length > 0);
}, 20 * 60_000);

afterAll(async () => {
  sending = false;
  await traffic?.catch(() => undefined);
  await prometheus?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  await receiver?.[Symbol.asyncDispose]();
});

test('Prometheus scrapes both processes without errors', async () => {
  type Targets = { activeTargets: { health: string; lastError: string }[] };
  let found: Targets['activeTargets'] = [];
  await until(async () => {
    found = ((await prometheus.api('targets')) as Targets).activeTargets;
    return found.every(({ health }) => health === 'up');
  });
  expect(found.map(({ lastError }) => lastError)).toEqual(['', '']);
});

describe('every expression uses metrics, labels and values that a process exposes', () => {
  const recorded = new Set(recordingRules.map(({ record }) => record!));
  const added = ['job', 'instance'];
  const labelsOf = (metric: string): Set<string> => {
    const own = live.filter(({ name }) => name === metric).flatMap(({ labels }) => Object.keys(labels));
    // Recorded series keep the labels of their level.
    return new Set([...added, ...own, ...(recorded.has(metric) ? metric.split(':')[0]!.split('_') : [])]);
  };
  const valuesOf = (metric: string, label: string): string[] =>
    live.filter(({ name }) => name === metric).flatMap(({ labels }) => labels[label] ?? []);

  function check(expr: string): void {
    const { selectors, grouped } = readPromql(filledIn(expr));
    expect(selectors.length).toBeGreaterThan(0);
    const available = new Set<string>();
    for (const { metric, matchers } of selectors) {
      expect(live.some(({ name }) => name === metric) || recorded.has(metric) || metric === 'up', metric).toBe(true);
      const labels = labelsOf(metric);
      for (const label of labels) available.add(label);
      for (const { label, op, value } of matchers) {
        expect([...labels], metric).toContain(label);
        if (added.includes(label) || recorded.has(metric)) continue;
        const wanted = op.endsWith('~') ? new RegExp(`^(?:${value})$`) : { test: (text: string) => text === value };
        expect(
          valuesOf(metric, label).some((text) => wanted.test(text)),
          `${metric}: ${label}${op}"${value}"`,
        ).toBe(true);
      }
    }
    for (const label of grouped) expect([...available]).toContain(label);
  }

  it.each([...panelQueries, ...ruleQueries].map(({ where, expr }) => [where, expr] as const))('%s', async (_where, expr) => {
    // Some appear only after a while: the first answer of a webhook, the first heartbeat.
    const looked = async (): Promise<void> => {
      live = (await Promise.all(urls.map((url) => scrape(url, secret)))).flat();
      check(expr);
    };
    await expect(vi.waitFor(looked, { timeout: 100_000, interval: 500 })).resolves.toBeUndefined();
  });
});

/** Repeats the query until it returns a number. */
async function numbers(expr: string): Promise<number[]> {
  let found: number[] = [];
  await until(async () => {
    found = (await prometheus.query(expr)).map(({ value }) => value).filter(Number.isFinite);
    return found.length > 0;
  });
  return found;
}

describe('every panel has data', () => {
  it.each(panelQueries.map(({ where, expr }) => [where, expr] as const))('%s', async (_where, expr) => {
    expect(await numbers(filledIn(expr, '10s', '1m'))).not.toEqual([]);
  });
});

test('the API counts deliveries to the SIEM, and the worker those to webhooks', async () => {
  await until(async () => {
    const samples = await Promise.all(urls.map((url) => scrape(url, secret)));
    return samples.every((of) => (valueOf(of, 'weir_stage_events_total', { stage: 'deliver' }) ?? 0) > 0);
  });
  expect((await prometheus.query('weir_stage_events_total{stage="deliver"}')).length).toBe(2);
});

test('every recording rule has data', async () => {
  for (const { record } of recordingRules) expect(await numbers(record!), record).not.toEqual([]);
});

test('a healthy engine raises no alerts', async () => {
  // On a busy machine, a process may be blocked for a second.
  const others = alertRules.map(({ alert }) => alert!).filter((name) => name !== 'WeirEventLoopBlocked');
  await until(async () => (await prometheus.query(`ALERTS{alertname=~"${others.join('|')}"}`)).length === 0);
  // It may also miss the timeout of a scrape.
  await expect.poll(async () => (await prometheus.query('up == 1')).length, { timeout: 100_000 }).toBe(2);
});
