/**
 * The evidence of an alert in order of time, and the lanes in which it is drawn: one for each step of the rule; for a
 * rule of one step, one for each source.
 */
import type { Alert } from '../../../engine/core/alert/alert.ts';
import type { JsonObject } from '../../../engine/core/event.ts';
import type { ToldEvidence } from './types.ts';

export type Moment = {
  /** Epoch ms; undefined: the event carries no time. */
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
  /** Took part, and are not kept as evidence. */
  readonly unseen: number;
};

/** @param told undefined: not known (yet) */
export function timelineOf(alert: Pick<Alert, 'events' | 'count'>, told: ToldEvidence | undefined): Timeline {
  const read = alert.events.map((raw, i) => momentOf(raw, told?.evidence[i]));
  const times = read.flatMap(({ at }) => at ?? []);
  const from = times.length === 0 ? undefined : Math.min(...times);
  const to = times.length === 0 ? undefined : Math.max(...times);
  const moments = read
    .map((one): Moment => ({ ...one, since: one.at === undefined ? undefined : one.at - from! }))
    .toSorted((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity) || 0);
  return { moments, lanes: lanesOf(moments, from, to), from, to, unseen: Math.max(0, alert.count - alert.events.length) };
}

function momentOf(raw: JsonObject, told: ToldEvidence['evidence'][number] | undefined): Omit<Moment, 'since'> {
  const own = Object.hasOwn(raw, '@timestamp') ? raw['@timestamp'] : undefined;
  const at = Date.parse(told?.time ?? (typeof own === 'string' ? own : ''));
  const text = (name: string): string => {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return {
    at: Number.isNaN(at) ? undefined : at,
    dataset: told?.dataset ?? text('event.dataset'),
    id: told?.id ?? text('event.id'),
    steps: told?.steps ?? [],
    counted: Object.entries(told?.counted ?? {}).map(([name, values]) => [name, values.join(', ')] as const),
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
