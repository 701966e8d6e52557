/** Turns lines of a file into events, with the same checks as ingest. A line that is not an event is reported on stderr and skipped. */
import type { Event, JsonObject } from '../core/event.ts';
import { eventOf } from '../core/ingest/envelope.ts';
import { limits } from '../core/limits.ts';
import type { RuleSet } from '../core/rule.ts';
import { exitCodes, WeirError } from '../errors.ts';
import type { Notices } from '../notices.ts';
import { visible } from '../core/util/control-characters.ts';
import { Unreadable, type Item } from '../runtime/ingest/item.ts';
import { envelopeOfItem, rejectionText, valueOf } from './items.ts';

export type EventReader = {
  /** @param clockMs the event clock, used as the time of receipt; undefined before the first event */
  read(line: Item, clockMs: number | undefined): Event | undefined;
  /** Reads a line once more, without reporting or counting it. @throws TypeError when it is not an event */
  again(line: Item, clockMs: number): Event;
  /** Counts a line that is not an event, and reports it unless there were too many. */
  reject(line: Item, because: string): undefined;
  /** Number of lines that are not events. */
  readonly bad: () => number;
  /** The summary, such as `5 events, 2 bad lines`. */
  counted(lines: number): string;
  /** @throws WeirError (1) when the file has lines but no events: it is probably not a file of events */
  expectEvents(lines: number): void;
};

/**
 * The latest event time that is believed: a single event with a wrong future time must not move the event clock, and with
 * it every absence, into the future. A file whose times are all in the future is taken as it is.
 */
const believedUntil = (clockMs: number | undefined, nowMs: number): number =>
  clockMs === undefined || clockMs > nowMs ? Infinity : nowMs + limits.futureMsMax;

/** Number of bad lines that are reported one by one; further ones are only counted. */
const namedMax = 20;

/** @param nowMs the wall clock, epoch ms */
export function eventReader(ruleset: RuleSet, file: string, dataset: string | undefined, nowMs: number, io: Notices): EventReader {
  const { datasets } = ruleset;
  let bad = 0;
  let firstBad: { readonly line: number; readonly begins: string } | undefined;

  function reject({ line, text }: Item, because: string): undefined {
    firstBad ??= { line, begins: text.slice(0, 1) };
    bad += 1;
    if (bad <= namedMax) io.say(visible(`${file}:${line}: ${because}`));
    if (bad === namedMax + 1) io.say(`${file}: further bad lines are only counted`);
    return undefined;
  }

  function eventOfLine(line: Item, clockMs: number | undefined): Event | string {
    const raw = valueOf(line);
    if (raw instanceof Unreadable) return rejectionText(raw.rejection);
    const receivedMs = clockMs ?? 0;
    const futureMsMax = believedUntil(clockMs, nowMs) - receivedMs;
    const given = envelopeOfItem(raw, line, { datasets, receivedMs, futureMsMax, dataset });
    return given.kind === 'rejected' ? rejectionText(given) : eventOf(given, raw as JsonObject, datasets);
  }

  return {
    bad: () => bad,
    reject,
    counted: (lines) => `${lines - bad} events${bad === 0 ? '' : `, ${bad} bad line${bad === 1 ? '' : 's'}`}`,
    expectEvents(lines) {
      const asArray = firstBad?.begins === '[' && (lines === bad || firstBad.line === 1);
      const convert = `jq -c '.[]'${file === '-' ? '' : ` ${file}`} makes that of an array`;
      if (bad > 0 && lines === bad)
        throw asArray
          ? new WeirError(`${file} is one JSON array`, `Events are read one JSON object a line (NDJSON): ${convert}.`, exitCodes.findings)
          : new WeirError(
              `not one line of ${file} is an event`,
              'Events are read one JSON object a line (NDJSON): jq -c . makes that of other JSON, weir csv of CSV.',
              exitCodes.findings,
            );
      // The last element of a JSON array has no comma after it, and may be taken for a line.
      if (asArray) io.say(`${file}: begins as one JSON array; ${convert}, with one object a line (NDJSON)`);
    },
    read(line, clockMs) {
      const event = eventOfLine(line, clockMs);
      return typeof event === 'string' ? reject(line, event) : event;
    },
    again(line, clockMs) {
      const event = eventOfLine(line, clockMs);
      if (typeof event === 'string') throw new TypeError(`line ${line.line} was an event before, and is none now: ${event}`);
      return event;
    },
  };
}
