/** Writing an alert from what fired and the events that prove it. */
import { describe, expect, it } from 'vitest';
import { composeAlert, composeSingle, composeUpdate, evidenceOf, type Composition } from '../../../engine/core/alert/compose.ts';
import type { Entry } from '../../../engine/core/correlate/entry.ts';
import type { Event } from '../../../engine/core/event.ts';
import type { Mark } from '../../../engine/core/alert/fire.ts';
import { limits } from '../../../engine/core/limits.ts';
import { fulfilment } from '../../../engine/core/correlate/proof.ts';
import type { Rule } from '../../../engine/core/rule.ts';
import { asWindowed } from '../../../engine/core/alert/single-event.ts';
import { rulesOf } from '../../support/rules.ts';
import { entryOf } from '../correlate/evaluate.support.ts';

const begin = Date.UTC(2026, 0, 1);
const iso = (seconds: number): string => new Date(begin + seconds * 1000).toISOString();
const ruleFrom = (text: string): Rule => rulesOf(text).rules[0]!;
const condition = 'conditions: { all: [{ fact: kind, operator: equal, value: a }] }';

const counting = (extra = ''): Rule =>
  ruleFrom(`
id: burst
title: A burst
level: high
risk: 40
tags: [attack.t1110]
${condition}
correlation: { type: event_count, group-by: [user], timespan: 10m, condition: { gte: 3 } }
${extra}`);

const event = (n: number, raw: Event['raw'] = {}): Event => ({
  id: `e${n}`,
  time: begin + n * 1000,
  dataset: 'd',
  raw: { n, ...raw },
  mapped: { 'host.name': `h${n % 2}` },
  tags: [],
});
const entry = (n: number, more: Partial<Entry> = {}): Entry => entryOf({ time: begin + n * 1000, id: String(n).padStart(8, '0'), ...more });
const mark = (count: number, last: number): Mark => ({
  id: 'al_x',
  at: begin + last * 1000,
  base: 0,
  count,
  first: begin,
  last: begin + last * 1000,
});

/** A composition in which the entries are the whole window, with `events` if given. */
function composed(rule: Rule, entries: readonly Entry[], events: readonly (Event | 'expired')[], more: Partial<Composition> = {}) {
  const last = entries.at(-1)!;
  const proven = fulfilment(last.time, last, entries.length, [{ of: entries, from: 0, to: entries.length }]);
  return composeAlert({
    rule,
    group: ['ann'],
    mark: mark(entries.length, (last.time - begin) / 1000),
    fulfilment: proven,
    evidence: evidenceOf(proven),
    events,
    capped: false,
    created: begin + 99_000,
    ...more,
  });
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('evidenceOf', () => {
  it('returns the newest events, each once, in order of time, up to the bound', () => {
    const many = numbers(0, limits.evidenceMax + 20).flatMap((n) => [entry(n), entry(n, { index: 1 })]);
    const proven = fulfilment(0, many.at(-1)!, 1, [{ of: many, from: 0, to: many.length }]);
    const chosen = evidenceOf(proven);
    expect(chosen.map(({ id }) => Number(id))).toEqual(numbers(20, limits.evidenceMax + 20));
  });

  it('returns all if there are few', () => {
    const few = [entry(1), entry(2)];
    expect(evidenceOf(fulfilment(0, few[1]!, 1, [{ of: few, from: 0, to: 2 }]))).toEqual(few);
  });
});

describe('composeAlert', () => {
  it('writes every field', () => {
    const alert = composed(counting(), [entry(0), entry(1), entry(2)], [event(0), event(1), event(2)]);
    expect(alert).toEqual({
      id: 'al_x',
      rule: { id: 'burst', title: 'A burst', level: 'high', tags: ['attack.t1110'], hash: expect.any(String) as string },
      status: 'open',
      shadow: false,
      group: { user: 'ann' },
      entities: [{ field: 'user', value: 'ann', risk: 40 }],
      value: 3,
      reason: '3 events for user=ann in 10m (needs 3)',
      message: '',
      first_seen: iso(0),
      last_seen: iso(2),
      created: iso(99),
      count: 3,
      events: [{ n: 0 }, { n: 1 }, { n: 2 }],
    });
  });

  it('keeps the newest events whole, and reduces the others, if they exceed the bound', () => {
    const part = limits.evidenceBytesMax / 2 - 100;
    const long = (n: number, length: number) => ({ ...event(n), raw: { note: 'x'.repeat(length) } });
    const entries = [entry(0), entry(1), entry(2)];
    expect(composed(counting(), entries, [event(0), long(1, part), long(2, part)]).events).toEqual([
      { n: 0 },
      { note: 'x'.repeat(part) },
      { note: 'x'.repeat(part) },
    ]);
    const { id, dataset } = event(0);
    const cut = { 'weir.cut': true, 'event.id': id, 'event.dataset': dataset, '@timestamp': iso(0) };
    expect(composed(counting(), entries, [long(0, part), long(1, part), long(2, part)]).events).toEqual([
      cut,
      { note: 'x'.repeat(part) },
      { note: 'x'.repeat(part) },
    ]);
    const most = 2 * limits.evidenceBytesMax;
    expect(composed(counting(), entries, [event(0), 'expired', long(2, most)]).events).toEqual([
      cut,
      { 'weir.expired': true, '@timestamp': iso(1) },
      { note: 'x'.repeat(most) },
    ]);
  });

  it('represents an expired event by what its entry still has', () => {
    const alert = composed(counting(), [entry(0), entry(1), entry(2)], ['expired', event(1), 'expired']);
    expect(alert.events).toEqual([
      { 'weir.expired': true, '@timestamp': iso(0) },
      { n: 1 },
      { 'weir.expired': true, '@timestamp': iso(2) },
    ]);
  });

  it('takes entities from the group, or else from all evidence, each value once, up to the bound', () => {
    const rule = counting('entities: [user, ip, host.name, nowhere]');
    const events = [event(0, { ip: 'i0' }), event(1, { ip: ['i1', 'i0'] }), 'expired' as const];
    const found = composed(rule, [entry(0), entry(1), entry(2)], events).entities;
    expect(found.map(({ field, value }) => `${field}=${value}`)).toEqual(['user=ann', 'ip=i0', 'ip=i1', 'host.name=h0', 'host.name=h1']);
    const wide = [0, 1, 2].map((n) => event(n, { ip: numbers(n * 10, n * 10 + 10) }));
    const bounded = composed(rule, [entry(0), entry(1), entry(2)], wide).entities;
    expect(bounded.filter(({ field }) => field === 'ip')).toHaveLength(limits.entityValuesMax);
  });

  it('marks alerts of capped logs and of shadow rules', () => {
    const entries = [entry(0), entry(1), entry(2)];
    expect(composed(counting(), entries, ['expired', 'expired', 'expired'], { capped: true })).toMatchObject({ capped: true });
    expect(composed(counting(), entries, ['expired', 'expired', 'expired'])).not.toHaveProperty('capped');
    expect(composed(counting('status: shadow'), entries, ['expired', 'expired', 'expired']).shadow).toBe(true);
  });

  it('renders the message from group, fulfilling event, value and count', () => {
    const rule = counting("message: '{{user}} {{ip}} {{host.name}} {{value}} {{count}}'");
    const entries = [entry(0), entry(1), entry(2)];
    const events = [event(0, { ip: 'first' }), event(1), event(2, { ip: 'last' })];
    expect(composed(rule, entries, events, { mark: mark(7, 2) }).message).toBe('ann last h0 3 7');
    expect(composed(rule, entries, [event(0), event(1), 'expired']).message).toBe('ann   3 3');
  });

  it('renders step placeholders from the last event of each step', () => {
    const rule = ruleFrom(`
id: both
steps:
  - { name: guess, ${condition}, times: { gte: 2 } }
  - { name: enter, ${condition} }
correlation: { type: temporal_ordered, group-by: [user], timespan: 10m }
message: '{{steps.guess.ip}} then {{steps.enter.ip}}'
`);
    const entries = [entry(0), entry(1), entry(2, { step: 1 })];
    const events = [event(0, { ip: 'i0' }), event(1, { ip: 'i1' }), event(2, { ip: 'i2' })];
    expect(composed(rule, entries, events).message).toBe('i1 then i2');
    expect(composed(rule, entries, [event(0, { ip: 'i0' }), 'expired', 'expired']).message).toBe('i0 then ');
  });
});

describe('an alert of a single event', () => {
  const single = (extra = ''): Rule =>
    ruleFrom(`
id: root-login
risk: 10
entities: [ip]
${condition}
message: '{{ip}} {{value}} {{count}}'
${extra}`);

  it('has no group, and counts one', () => {
    const alert = composeSingle(single(), 'al_y', event(5, { ip: 'i5' }), begin);
    expect(alert).toMatchObject({
      id: 'al_y',
      group: {},
      entities: [{ field: 'ip', value: 'i5', risk: 10 }],
      value: 1,
      count: 1,
      reason: 'event e5 of d matched root-login',
      message: 'i5 1 1',
      first_seen: iso(5),
      last_seen: iso(5),
      created: iso(0),
      events: [{ n: 5, ip: 'i5' }],
    });
  });

  it('with suppression is the same, with the group of `suppress.by`', () => {
    const windowed = asWindowed(single('suppress: { for: 1h, by: [ip, user] }'));
    const alert = composed(windowed, [entry(5)], [event(5, { ip: 'i5' })], { group: ['i5', 'a b'], mark: mark(4, 5) });
    expect(alert).toMatchObject({ group: { ip: 'i5', user: 'a b' }, value: 1, count: 4, message: 'i5 1 4' });
    expect(alert.reason).toBe('event e5 of d matched root-login for ip=i5, user="a b"');
    expect(composed(windowed, [entry(5)], ['expired'], { group: ['i5', 'b'] }).reason).toBe(
      'an event matched root-login for ip=i5, user=b',
    );
  });

  it('with suppression without a group has no group', () => {
    const windowed = asWindowed(single('suppress: 1h'));
    const alert = composed(windowed, [entry(5)], [event(5)], { group: [] });
    expect(alert).toMatchObject({ group: {}, reason: 'event e5 of d matched root-login' });
  });

  it('with a suppression time of 0 stays a single-event rule', () => {
    const rule = single('suppress: 0');
    expect(asWindowed(rule)).toBe(rule);
  });

  it('escapes control characters of ids, which could affect a terminal', () => {
    const odd = { ...event(5), id: 'a\u001b[2J' };
    expect(composeSingle(single(), 'al_y', odd, begin).reason).toBe(String.raw`event "a\u001b[2J" of d matched root-login`);
  });
});

describe('composeUpdate', () => {
  it('holds the absolute numbers of a mark', () => {
    expect(composeUpdate(mark(9, 30), 4)).toEqual({ id: 'al_x', count: 9, first_seen: iso(0), last_seen: iso(30), version: 4 });
  });
});
