/**
 * Writes an alert from what fired and the events that prove it.
 *
 * Evidence may have expired from the stream when the alert is written. Such an event is represented by what its log entry
 * still has; the alert is valid all the same.
 */
import type { Alert, AlertEntity, AlertUpdate } from './alert.ts';
import type { Entry } from '../correlate/entry.ts';
import type { Event, JsonObject } from '../event.ts';
import { fieldPath, lookup } from '../match/fields.ts';
import type { Mark } from './fire.ts';
import { keyTexts } from '../correlate/group.ts';
import { limits } from '../limits.ts';
import { reason, singleEventReason } from './reason.ts';
import type { Rule } from '../rule.ts';
import { isSingleEvent } from './single-event.ts';
import { render } from './template.ts';
import { textSize } from '../ingest/json-bounds.ts';
import type { Fulfilment } from '../correlate/verdict.ts';

export type Composition = {
  readonly rule: Rule;
  readonly group: readonly string[];
  readonly mark: Mark;
  readonly fulfilment: Fulfilment;
  /** The entries of the evidence, and their events in the same order. */
  readonly evidence: readonly Entry[];
  readonly events: readonly (Event | 'expired')[];
  /** True if the window log had lost entries at a bound. */
  readonly capped: boolean;
  /** Epoch ms. */
  readonly created: number;
};

const ignore = (): void => undefined;

/** The newest entries of the proof, one per event, at most `limits.evidenceMax`, in order of time. */
export function evidenceOf({ proof }: Fulfilment): readonly Entry[] {
  const seen = new Set<string>();
  const chosen: Entry[] = [];
  for (let i = proof.length - 1; i >= 0 && chosen.length < limits.evidenceMax; i--) {
    const entry = proof[i]!;
    if (seen.has(entry.id)) continue;
    seen.add(entry.id);
    chosen.push(entry);
  }
  return chosen.reverse();
}

/** Called when a bound cuts the values of an entity (`limits.entityValuesMax`), the message (`limits.messageLengthMax`), or the evidence (`limits.evidenceBytesMax`). */
export type OnCut = (what: 'entities' | 'message' | 'evidence') => void;

export function composeAlert(parts: Composition, onCut: OnCut = ignore): Alert {
  const { rule, mark, fulfilment, events } = parts;
  const group = namedGroup(rule, parts.group);
  const byId = new Map(parts.evidence.map((entry, i) => [entry.id, events[i]!]));
  const fulfilling = byId.get(fulfilment.by.id);
  const event = fulfilling === 'expired' ? undefined : fulfilling;
  return {
    id: mark.id,
    rule: { id: rule.id, title: rule.title, level: rule.level, tags: rule.tags, hash: rule.hash },
    status: 'open',
    shadow: rule.status === 'shadow',
    group,
    entities: entitiesOf(rule, group, events, onCut),
    value: fulfilment.value,
    reason: isSingleEvent(rule) ? singleEventReason(rule, group, event) : reason(rule, group, fulfilment),
    message:
      rule.message === undefined
        ? ''
        : render(rule.message, { group, event, steps: stepEvents(parts), value: fulfilment.value, count: mark.count }, () =>
            onCut('message'),
          ),
    first_seen: iso(mark.first),
    last_seen: iso(mark.last),
    created: iso(parts.created),
    count: mark.count,
    ...(parts.capped ? { capped: true } : {}),
    events: shown(parts, onCut),
  };
}

export const composeUpdate = (mark: Mark, version: number): AlertUpdate => ({
  id: mark.id,
  count: mark.count,
  first_seen: iso(mark.first),
  last_seen: iso(mark.last),
  version,
});

const iso = (ms: number): string => new Date(ms).toISOString();

const expired = (entry: Entry): JsonObject => ({ 'weir.expired': true, '@timestamp': iso(entry.time) });

const cutOff = ({ id, dataset, time }: Event): JsonObject => ({
  'weir.cut': true,
  'event.id': id,
  'event.dataset': dataset,
  '@timestamp': iso(time),
});

/** The full events of the evidence. If they exceed the bound together, the oldest are reduced to id, dataset and time. */
function shown({ evidence, events }: Composition, onCut: OnCut): JsonObject[] {
  let room: number = limits.evidenceBytesMax;
  const texts: JsonObject[] = [];
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i]!;
    const size = event === 'expired' ? 0 : textSize(event.raw);
    // The newest event is always kept.
    const fits = i === events.length - 1 || size <= room;
    room = fits ? room - size : 0;
    texts.push(event === 'expired' ? expired(evidence[i]!) : fits ? event.raw : cutOff(event));
  }
  if (texts.some((text) => Object.hasOwn(text, 'weir.cut'))) onCut('evidence');
  return texts.reverse();
}

function namedGroup(rule: Rule, values: readonly string[]): Record<string, string> {
  const names = rule.correlation?.groupBy ?? [];
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}

/** An entity gets its value from the group; if its field is not in the group, its values from all events of the evidence. */
function entitiesOf(
  rule: Rule,
  group: Readonly<Record<string, string>>,
  events: readonly (Event | 'expired')[],
  onCut: OnCut,
): AlertEntity[] {
  return rule.entities.flatMap(({ name }) => {
    const values = Object.hasOwn(group, name) ? [group[name]!] : valuesIn(events, name, onCut);
    return values.map((value) => ({ field: name, value, risk: rule.risk }));
  });
}

function valuesIn(events: readonly (Event | 'expired')[], name: string, onCut: OnCut): string[] {
  const field = fieldPath(name);
  const values = new Set<string>();
  for (const event of events) {
    if (event === 'expired') continue;
    for (const text of keyTexts(lookup(event, field))) {
      if (values.has(text)) continue;
      if (values.size === limits.entityValuesMax) {
        onCut('entities');
        return [...values];
      }
      values.add(text);
    }
  }
  return [...values];
}

/** For each step the event that proved it, the last one of several. */
function stepEvents({ rule, evidence, events }: Composition): ReadonlyMap<string, Event> {
  const steps = new Map<string, Event>();
  evidence.forEach((entry, i) => {
    const event = events[i]!;
    const step = rule.steps[entry.step];
    if (event !== 'expired' && step !== undefined) steps.set(step.name, event);
  });
  return steps;
}

/** Writes the alert of a single-event rule. */
export function composeSingle(rule: Rule, id: string, event: Event, created: number, onCut: OnCut = ignore): Alert {
  const scope = { group: {}, event, steps: new Map<string, Event>(), value: 1, count: 1 };
  const message = rule.message === undefined ? '' : render(rule.message, scope, () => onCut('message'));
  return {
    id,
    rule: { id: rule.id, title: rule.title, level: rule.level, tags: rule.tags, hash: rule.hash },
    status: 'open',
    shadow: rule.status === 'shadow',
    group: {},
    entities: entitiesOf(rule, {}, [event], onCut),
    value: 1,
    reason: singleEventReason(rule, {}, event),
    message,
    first_seen: iso(event.time),
    last_seen: iso(event.time),
    created: iso(created),
    count: 1,
    events: [event.raw],
  };
}
