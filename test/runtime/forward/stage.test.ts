import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asFailed, type Fate, type ForwardItem, type UpdateItem } from '../../../engine/runtime/forward/item.ts';
import { advance, concurrently, type Stage } from '../../../engine/runtime/forward/stage.ts';
import { noon, iso } from '../../support/alerts.ts';
import { forwardBench } from '../../support/forwarding.ts';

const { ports } = forwardBench();

const itemOf = (id: string): UpdateItem => ({
  kind: 'update',
  from: { kind: 'update', id, partition: 0, text: '' },
  fate: { kind: 'taken' },
  update: { id, count: 1, first_seen: iso(noon), last_seen: iso(noon), version: 1 },
});
const batchOf = (ids: readonly string[]): ForwardItem[] => ids.map(itemOf);
const withFate = (item: ForwardItem, fate: Fate): ForwardItem => ({ ...item, fate });
const isAmong =
  (ids: readonly string[]) =>
  (item: ForwardItem): item is UpdateItem =>
    ids.includes(item.from.id);

/** Sets the fate of these items. */
const giving =
  (ids: readonly string[], fate: Fate): Stage =>
  async (batch) =>
    batch.map((item) => (ids.includes(item.from.id) ? withFate(item, fate) : item));

describe('advance', () => {
  it('replaces the items that it handles, in place, and passes the others unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 20 }), fc.func(fc.boolean()), async (ids, chosen) => {
        const batch = batchOf(ids);
        const picked = ids.filter((id) => chosen(id));
        const after = await advance(batch, isAmong(picked), async (items) => {
          expect(items.map(({ from }) => from.id)).toEqual(picked);
          return items.map((item) => withFate(item, { kind: 'updated' }));
        });
        expect(after).toEqual(batch.map((item) => (chosen(item.from.id) ? withFate(item, { kind: 'updated' }) : item)));
      }),
    );
  });

  it('does nothing when there are no items to handle', async () => {
    const batch = batchOf(['a']);
    expect(await advance(batch, isAmong([]), () => Promise.reject(new Error('called')))).toBe(batch);
  });

  it('refuses a different number of items', async () => {
    await expect(advance(batchOf(['a', 'b']), isAmong(['a', 'b']), async (items) => items.slice(1))).rejects.toThrow('1 items for 2');
  });
});

describe('concurrently', () => {
  it('takes the fate from the branch that decided, and a failure takes precedence', async () => {
    const no = new Error('no');
    const failing: Stage = async (batch) => batch.map((item) => (item.from.id === 'b' ? asFailed(item, no) : item));
    const batch = batchOf(['a', 'b', 'c', 'd']);
    const after = await concurrently(giving(['a', 'b'], { kind: 'queued' }), failing, giving(['c'], { kind: 'updated' }))(batch, ports);
    expect(after.map(({ fate }) => fate)).toEqual([
      { kind: 'queued' },
      { kind: 'failed', error: no },
      { kind: 'updated' },
      { kind: 'taken' },
    ]);
  });

  it('starts all branches before any of them ends', async () => {
    const begun: string[] = [];
    let release = (): void => undefined;
    const all = new Promise<void>((resolve) => (release = resolve));
    const meeting =
      (name: string): Stage =>
      async (batch) => {
        if (begun.push(name) === 3) release();
        await all;
        return batch;
      };
    await concurrently(meeting('queue'), meeting('notify'), meeting('update'))(batchOf(['a']), ports);
    expect(begun).toEqual(['queue', 'notify', 'update']);
  });

  it('throws the error of a branch', async () => {
    const broken: Stage = () => Promise.reject(new Error('away'));
    await expect(concurrently(giving([], { kind: 'queued' }), broken)(batchOf(['a']), ports)).rejects.toThrow('away');
  });
});
