/** The final check of every whole-engine test: everything is there, exactly once. */
import { expect } from 'vitest';
import type { TestEngine } from './engine.ts';
import { countsOf, pairOf, replayed, type Workload } from './workload.ts';

/**
 * Waits until the engine is quiet, then checks that every acknowledged event was stored and processed, that the alerts are
 * those of replay, and that each alert is queued once. An API and a worker must be running.
 * @param streamed false when the streams have been trimmed
 */
export async function expectSame(engine: TestEngine, { events }: Workload, { streamed: whole = true } = {}): Promise<void> {
  const { accepted, processed, dead, pending } = await engine.quiet();
  expect({ dead, pending, finished: processed }).toEqual({ dead: 0, pending: 0, finished: accepted });
  const streamed = whole ? await engine.streamed() : undefined;
  if (streamed !== undefined) expect(events.filter(({ id }) => !streamed.has(id as string))).toEqual([]);
  const expected = await replayed(events);
  const stored = await engine.alerts();
  expect(stored.map(pairOf).sort()).toEqual(expected.map(pairOf).sort());
  expect(countsOf(stored)).toEqual(countsOf(expected));
  const leased = (await engine.leaseAll()).map(({ id }) => id).sort();
  const queued = stored.filter(({ shadow }) => !shadow).map(({ id }) => id);
  expect(leased).toEqual(queued.sort());
}
