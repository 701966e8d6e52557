/** A new stage is one file and one line: later stages respect its decision without being changed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forward, stages } from '../../../engine/runtime/forward/forward.ts';
import { isStored, type Fate } from '../../../engine/runtime/forward/item.ts';
import { advance, type Stage } from '../../../engine/runtime/forward/stage.ts';
import { clear } from '../../../engine/runtime/forward/stages/clear.ts';
import { count } from '../../../engine/runtime/forward/stages/count.ts';
import { limits } from '../../../engine/core/limits.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { Crash, forwardBench, type Bench } from '../../support/forwarding.ts';

/** The file: a stage that keeps alerts of a maintenance window out of the SIEM queue and webhooks. */
const suppress: Stage = (batch) =>
  advance(batch, isStored, async (items) =>
    items.map((item) => (item.alert.id.includes('quiet') ? { ...item, fate: { kind: 'suppressed', by: 'maintenance' } } : item)),
  );

/** The line that adds it. */
const suppressing = stages.toSpliced(stages.indexOf(count) + 1, 0, suppress);

/** Another file: a stage that records how alerts ended, for example to feed them back. */
const noting =
  (ends: Map<string, Fate>): Stage =>
  async (batch) => {
    for (const item of batch) if (item.kind === 'alert') ends.set(item.alert.id, item.fate);
    return batch;
  };

const putAll = (bench: Bench, ids: readonly string[]): void => ids.forEach((id, i) => bench.putAlert(i % 3, alertOf(id)));

describe('a stage that suppresses', () => {
  it('keeps its alerts out of the queue and webhooks, and they leave the outbox', async () => {
    const bench = forwardBench();
    putAll(bench, ['a', 'quiet1', 'b', 'quiet2']);
    expect(await forward(bench.ports, bench.items(), suppressing)).toEqual([]);
    expect(bench.queued.map(({ id }) => id).toSorted()).toEqual(['al_a', 'al_b']);
    expect(bench.notified.toSorted()).toEqual(['al_a', 'al_b']);
    expect(bench.items()).toEqual([]);
    expect((await bench.ports.store.getMany(['al_quiet1', 'al_quiet2'])).map((alert) => alert?.id)).toEqual(['al_quiet1', 'al_quiet2']);
  });

  it('does not prevent the store from deleting its alerts', async () => {
    const bench = forwardBench();
    putAll(bench, ['a', 'quiet']);
    await forward(bench.ports, bench.items(), suppressing);
    expect(await bench.ports.store.trim(noon + limits.alertsMsMax + 1)).toEqual({ open: 2 });
  });

  it('passes its reason to later stages', async () => {
    const bench = forwardBench({ siemMax: 2 });
    for (const id of ['first', 'refused', 'second', 'quiet']) bench.putAlert(0, alertOf(id));
    bench.putAlert(0, alertOf('shadow', { shadow: true }));
    bench.refused.add('al_refused');
    const ends = new Map<string, Fate>();
    await forward(bench.ports, bench.items(), suppressing.toSpliced(suppressing.indexOf(clear), 0, noting(ends)));
    expect(Object.fromEntries(ends)).toEqual({
      al_first: { kind: 'queued' },
      al_second: { kind: 'waiting' },
      al_refused: { kind: 'failed', error: new Error('refused') },
      al_quiet: { kind: 'suppressed', by: 'maintenance' },
      al_shadow: { kind: 'shadow' },
    });
  });

  it('suppresses the same alerts wherever forwarding crashes', async () => {
    const crashes = fc.array(fc.record({ n: fc.nat(8), when: fc.constantFrom('before' as const, 'after' as const) }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(crashes, fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), async (faults, quiet) => {
        const bench = forwardBench();
        const ids = quiet.map((is, i) => `${is ? 'quiet' : 'loud'}${i}`);
        putAll(bench, ids);
        for (const { n, when } of faults) {
          bench.crashAt(n, when);
          await forward(bench.ports, bench.items(), suppressing).catch((error: unknown) => {
            if (!(error instanceof Crash)) throw error;
          });
        }
        bench.crashAt(-1, 'before');
        await forward(bench.ports, bench.items(), suppressing);
        const loud = ids.filter((id) => id.startsWith('loud')).map((id) => `al_${id}`);
        expect(bench.queued.map(({ id }) => id).toSorted()).toEqual(loud);
        expect(bench.notified.toSorted()).toEqual(loud);
        expect(bench.items()).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

it('an alert that no stage has finished stays in the outbox', async () => {
  const bench = forwardBench();
  bench.putAlert(0, alertOf('a'));
  bench.putUpdate(0, { id: 'al_a', version: 2, count: 9, first_seen: iso(noon), last_seen: iso(noon) });
  await forward(bench.ports, bench.items(), stages.slice(0, stages.indexOf(count)).concat(clear));
  expect(bench.items()).toHaveLength(2);
});
