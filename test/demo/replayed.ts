/** Runs generated traffic through the shipped rules in memory, as `weir replay` does. */
import type { Alert } from '../../engine/core/alert/alert.ts';
import { envelope, eventOf } from '../../engine/core/ingest/envelope.ts';
import type { Event, JsonObject } from '../../engine/core/event.ts';
import type { RuleSet } from '../../engine/core/rule.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { replaySession } from '../../engine/runtime/pipeline/replay-session.ts';

export const endMs = Date.UTC(2026, 2, 3, 9, 30);
export const latenessMs = 120_000;

/** Reads an event as ingest does; a rejected event fails the test. */
export function read({ datasets }: RuleSet, raw: JsonObject): Event {
  const given = envelope(raw, { datasets, receivedMs: 0, futureMsMax: Infinity, dataset: undefined }, () => 'no id');
  if (given.kind === 'rejected') throw new Error(`${given.code}: ${given.detail}: ${JSON.stringify(raw)}`);
  return eventOf(given, raw, datasets);
}

/** @returns alerts in order of time, absences drained */
export async function replayed(ruleset: RuleSet, events: Iterable<JsonObject>): Promise<Alert[]> {
  const session = replaySession(ruleset, replayStores, {
    latenessMs,
    drain: true,
    onRuleFault: (id, fault) => {
      throw new Error(`rule ${id}: ${String(fault)}`);
    },
  });
  for (const raw of events) await session.feed(read(ruleset, raw));
  return session.finish();
}
