/**
 * Traffic for screenshots of the console: the events of the shipped rules' own tests, shifted so that each test ends a few
 * minutes or hours ago. Each rule fires as in its tests.
 */
import { compile } from '../../engine/compile/index.ts';
import { readRuleFolder } from '../../engine/runtime/rules/folder.ts';
import { readEvents } from '../../engine/runtime/rules/rule-tests.ts';
import type { RawEvent } from './engine.ts';

const minuteMs = 60_000;

/** @param endMs time of the newest event, epoch ms */
export async function shippedTraffic(folder: string, endMs: number): Promise<RawEvent[]> {
  const { ruleset } = compile((await readRuleFolder(folder)).files);
  let n = 0;
  return ruleset.rules.flatMap((rule, place) =>
    rule.tests
      .filter(({ alerts }) => alerts.length > 0)
      .slice(0, 1)
      .flatMap((test) => {
        const { events } = readEvents(ruleset, test.events);
        const last = Math.max(...events.map(({ time }) => time));
        const shift = Math.floor((endMs - place * 7 * minuteMs - last) / 1000) * 1000;
        return events.map(({ raw, time, dataset }) => moved(raw, { time: time + shift, dataset, id: `${rule.id}-${++n}` }));
      }),
  );
}

/** Replaces the event's time, dataset and id, including time fields that only mapping files read. */
function moved(raw: RawEvent, { time, dataset, id }: { time: number; dataset: string; id: string }): RawEvent {
  const at = new Date(time).toISOString();
  const own = Object.fromEntries(['eventTime', 'time', 'timestamp'].flatMap((name) => (Object.hasOwn(raw, name) ? [[name, at]] : [])));
  return {
    ...raw,
    ...own,
    '@timestamp': at,
    'event.dataset': dataset,
    'event.id': id,
    ...(Object.hasOwn(raw, 'eventID') ? { eventID: id } : {}),
  };
}
