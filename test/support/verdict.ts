/** What every whole-engine test asks at its end: is everything there, once? */
import { expect } from 'vitest';
import type { TestEngine } from './engine.ts';
import { countsOf, pairOf, replayed, type Workload } from './workload.ts';

/**
 * Waits until the engine is quiet, and holds it to G1–G5. An API and a worker must be running.
 * @param streamed false where the streams have been trimmed
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
