/** The tables of metrics list what a process shows (names, kinds and labels), and no page names a metric that does not exist. */
import { beforeAll, describe, expect, it } from 'vitest';
import { levels, type Level } from '../../engine/core/rule.ts';
import { createMetrics } from '../../engine/metrics/metrics.ts';
import type { InstallationState } from '../../engine/runtime/metering/installation.ts';
import { samplesOf } from '../support/samples.ts';
import { countRule, rulesOf } from '../support/rules.ts';
import { codes, pages, tablesOf, textOf } from './markdown.ts';

const perLevel = (n: number): Record<Level, number> => Object.fromEntries(levels.map((level) => [level, n])) as Record<Level, number>;
const zero = { accepted: 0, processed: 0, dead: 0, pendingEvents: 0, unreadEntries: 0, pendingEntries: 0, clockMs: 0 };
const state: InstallationState = {
  nowMs: 0,
  shards: [{ ...zero, heartbeatMs: 0, heartbeatTookMs: 0 }],
  outbox: 0,
  windows: { alerts: 0, muted: 0, capped: 0 },
  held: perLevel(0),
  siem: { depth: perLevel(0), leased: 0 },
  oldestMs: perLevel(0),
  webhooks: { targets: { fine: 0, failing: 0, disabled: 0 }, waiting: 0 },
  deadLetters: 0,
  windowLogs: { count: 0, bytes: 0 },
  redis: { usedBytes: 0, maxBytes: 0, durability: 'off' },
};

type Family = { readonly name: string; readonly kind: string; readonly labels: readonly string[] };

async function families(process: boolean): Promise<Family[]> {
  const { meter, expose } = createMetrics({ installation: async () => state, process });
  meter.rulesOf(rulesOf(countRule('one', 'gte: 1')));
  const { text } = await expose();
  const samples = samplesOf(text);
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => {
    const sample = samples.find((one) => one.name === name || (kind === 'histogram' && one.name === `${name}_count`));
    return { name: name!, kind: kind!, labels: Object.keys(sample?.labels ?? {}) };
  });
}

describe('metrics', () => {
  let own: Family[];
  beforeAll(async () => {
    own = await families(false);
  });

  it('are all in the tables, with their kind and labels', () => {
    const tables = tablesOf('docs/operating.md').filter(([header]) => header?.[0] === 'metric');
    const documented = tables
      .flatMap((table) => table.slice(1))
      .map(([name, kind, labels]) => ({
        name: codes(name!)[0],
        kind,
        labels: codes(labels!),
      }));
    const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }): number => (a.name! < b.name! ? -1 : 1);
    expect(documented.toSorted(byName)).toEqual(own.toSorted(byName));
  });

  it('exist if any page names them', async () => {
    const known = new Set((await families(true)).map(({ name }) => name));
    const named = pages.flatMap((page) => [...textOf(page).matchAll(/`(weir_[a-z0-9_]+)`/g)].map(([, name]) => name!));
    expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
  });
});
