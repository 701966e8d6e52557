/**
 * The evidence of an alert in order of time, and the lanes it is drawn in: one for each step of the rule, or one for each
 * dataset if the rule has one step.
 */
import type { Alert } from '../../../engine/core/alert/alert.ts';
import type { JsonObject } from '../../../engine/core/event.ts';
import type { EvidenceSteps } from './types.ts';

export type Moment = {
  /** Epoch ms; undefined if the event has no time. */
  readonly at: number | undefined;
  /** ms since the first. */
  readonly since: number | undefined;
  readonly dataset: string;
  readonly id: string;
  readonly steps: readonly string[];
  readonly counted: readonly (readonly [name: string, values: string])[];
  readonly expired: boolean;
  readonly raw: JsonObject;
};

export type Lane = { readonly name: string; /** 0 to 1, the first to the last. */ readonly at: readonly number[] };

export type Timeline = {
  readonly moments: readonly Moment[];
  readonly lanes: readonly Lane[];
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Number of events that took part but are not kept as evidence. */
  readonly unseen: number;
};

/** @param steps undefined if not known (yet) */
export function timelineOf(alert: Pick<Alert, 'events' | 'count'>, steps: EvidenceSteps | undefined): Timeline {
  const read = alert.events.map((raw, i) => momentOf(raw, steps?.evidence[i]));
  const times = read.flatMap(({ at }) => at ?? []);
  const from = times.length === 0 ? undefined : Math.min(...times);
  const to = times.length === 0 ? undefined : Math.max(...times);
  const moments = read
    .map((one): Moment => ({ ...one, since: one.at === undefined ? undefined : one.at - from! }))
    .toSorted((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity) || 0);
  return { moments, lanes: lanesOf(moments, from, to), from, to, unseen: Math.max(0, alert.count - alert.events.length) };
}

function momentOf(raw: JsonObject, known: EvidenceSteps['evidence'][number] | undefined): Omit<Moment, 'since'> {
  const own = Object.hasOwn(raw, '@timestamp') ? raw['@timestamp'] : undefined;
  const at = Date.parse(known?.time ?? (typeof own === 'string' ? own : ''));
  const text = (name: string): string => {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return {
    at: Number.isNaN(at) ? undefined : at,
    dataset: known?.dataset ?? text('event.dataset'),
    id: known?.id ?? text('event.id'),
    steps: known?.steps ?? [],
    counted: Object.entries(known?.counted ?? {}).map(([name, values]) => [name, values.join(', ')] as const),
    expired: Object.hasOwn(raw, 'weir.expired'),
    raw,
  };
}

function lanesOf(moments: readonly Moment[], from = 0, to = 0): Lane[] {
  const bySteps = new Set(moments.flatMap(({ steps }) => steps)).size > 1;
  const lanes = new Map<string, number[]>();
  for (const { at, steps, dataset } of moments) {
    if (at === undefined) continue;
    for (const name of bySteps ? steps : [dataset]) {
      const place = to === from ? 0.5 : (at - from) / (to - from);
      lanes.set(name, [...(lanes.get(name) ?? []), place]);
    }
  }
  return [...lanes].map(([name, at]) => ({ name, at }));
}
