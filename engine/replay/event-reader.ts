/** Lines → events, by the same envelope as ingest; what cannot be read is said on stderr and skipped. */
import type { Event, JsonObject } from '../core/event.ts';
import { envelope, eventOf } from '../core/ingest/envelope.ts';
import { limits } from '../core/limits.ts';
import type { RuleSet } from '../core/rule.ts';
import { exitCodes, WeirError } from '../errors.ts';
import type { Notices } from '../notices.ts';
import type { Line } from './lines.ts';
import { visible } from '../core/util/control-characters.ts';

export type EventReader = {
  /** @param clockMs what stands for the time of receipt: the event clock; undefined before the first event */
  read(line: Line, clockMs: number | undefined): Event | undefined;
  /** The same of a line that was read before: nothing is said or counted. @throws when it cannot be read */
  again(line: Line, clockMs: number): Event;
  /** Counts a bad line, and names it unless there were many. */
  refuse(line: Line, because: string): undefined;
  /** Lines that could not be read. */
  readonly bad: () => number;
  /** What came of them all, such as `5 events, 2 bad lines`. */
  counted(lines: number): string;
  /** @throws WeirError (1) when there were lines, and not one of them was an event: the file is none of events */
  expectEvents(lines: number): void;
};

/** Why a line need not even be parsed; undefined when it must be. */
export const unreadable = ({ text, fault }: Line): string | undefined =>
  fault ??
  (3 * text.length > limits.eventBytesMax && Buffer.byteLength(text) > limits.eventBytesMax
    ? `too-large: an event has at most ${limits.eventBytesMax} bytes`
    : undefined);

/** The id of an event without one: its place in the file. */
export const idOfLine = (number: number): string => `line-${number}`;

/**
 * The latest event time that is believed: a single clock that runs ahead must not carry the event clock, and every
 * absence with it, into the future. A file that lies in the future as a whole is taken as it is.
 */
const believedUntil = (clockMs: number | undefined, nowMs: number): number =>
  clockMs === undefined || clockMs > nowMs ? Infinity : nowMs + limits.futureMsMax;

/** Bad lines named one by one; the rest are only counted. */
const namedMax = 20;

/** @param nowMs the wall clock, epoch ms */
export function eventReader(ruleset: RuleSet, file: string, dataset: string | undefined, nowMs: number, io: Notices): EventReader {
  const { datasets } = ruleset;
  let bad = 0;
  let firstBad: Line | undefined;

  function refuse(line: Line, because: string): undefined {
    const { number } = line;
    firstBad ??= { ...line, text: line.text.slice(0, 1) };
    bad += 1;
    if (bad <= namedMax) io.say(visible(`${file}:${number}: ${because}`));
    if (bad === namedMax + 1) io.say(`${file}: further bad lines are only counted`);
    return undefined;
  }

  function eventOfLine(line: Line, clockMs: number | undefined): Event | string {
    const { number, text } = line;
    const refused = unreadable(line);
    if (refused !== undefined) return refused;
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch (fault) {
      return `invalid-json: ${(fault as Error).message}`;
    }
    const receivedMs = clockMs ?? 0;
    const futureMsMax = believedUntil(clockMs, nowMs) - receivedMs;
    const given = envelope(raw, { datasets, receivedMs, futureMsMax, dataset }, () => idOfLine(number));
    return given.kind === 'rejected' ? `${given.code}: ${given.detail}` : eventOf(given, raw as JsonObject, datasets);
  }

  return {
    bad: () => bad,
    refuse,
    counted: (lines) => `${lines - bad} events${bad === 0 ? '' : `, ${bad} bad line${bad === 1 ? '' : 's'}`}`,
    expectEvents(lines) {
      const asArray = firstBad?.text === '[' && (lines === bad || firstBad.number === 1);
      const convert = `jq -c '.[]'${file === '-' ? '' : ` ${file}`} makes that of an array`;
      if (bad > 0 && lines === bad)
        throw asArray
          ? new WeirError(`${file} is one JSON array`, `Events are read one JSON object a line (NDJSON): ${convert}.`, exitCodes.findings)
          : new WeirError(
              `not one line of ${file} is an event`,
              'Events are read one JSON object a line (NDJSON): jq -c . makes that of other JSON, weir csv of CSV.',
              exitCodes.findings,
            );
      // Its last element stands without a comma behind it, and may be taken for a line.
      if (asArray) io.say(`${file}: begins as one JSON array; ${convert}, with one object a line (NDJSON)`);
    },
    read(line, clockMs) {
      const event = eventOfLine(line, clockMs);
      return typeof event === 'string' ? refuse(line, event) : event;
    },
    again(line, clockMs) {
      const event = eventOfLine(line, clockMs);
      if (typeof event === 'string') throw new TypeError(`line ${line.number} was an event before, and is none now: ${event}`);
      return event;
    },
  };
}
