/** The traffic is repeatable, has the exact number of events, is late only within the lateness, and is readable by the shipped mappings. */
import { beforeAll, describe, expect, it, test } from 'vitest';
import type { RuleSet } from '../../engine/core/rule.ts';
import { idOf } from '../../engine/demo/feeds.ts';
import { eventsLeast, generate, spanMs, type Arrived } from '../../engine/demo/generate.ts';
import { shipped } from '../rules/shipped.ts';
import { endMs, latenessMs, read } from './replayed.ts';

let ruleset: RuleSet;
beforeAll(async () => {
  ({ ruleset } = await shipped());
});

const all = (seed: number, events: number, end = endMs): Arrived[] => [...generate({ seed, events, endMs: end, latenessMs }).events];
const text = (arrived: readonly Arrived[]): string => arrived.map(({ event }) => JSON.stringify(event)).join('\n');

describe('the same seed', () => {
  it('gives the same bytes and the same ground truth', () => {
    expect(text(all(7, 3000))).toBe(text(all(7, 3000)));
    const truths = () => generate({ seed: 7, events: 3000, endMs, latenessMs }).truths;
    expect(truths()).toEqual(truths());
  });

  it('gives different events than another seed', () => {
    expect(text(all(7, 3000))).not.toBe(text(all(8, 3000)));
  });
});

test.each([
  [1, eventsLeast],
  [2, 1001],
  [3, 7777],
  [4, 30_000],
])('seed %i gives exactly %i events', (seed, events) => {
  expect(all(seed, events).length).toBe(events);
});

test('the traffic can be read only once, because a second reading would give different ids', () => {
  const { events } = generate({ seed: 1, events: eventsLeast, endMs, latenessMs });
  expect([...events].length).toBe(eventsLeast);
  expect(() => [...events]).toThrow('can be read once');
});

describe.each([0, 5, 11, 16, 22.5])('a day that ends at %s o’clock', (oclock) => {
  const end = Date.UTC(2026, 2, 3) + oclock * 3_600_000;
  const arrived = all(11, 5000, end);

  it('has all event times within the day, and no event later than the lateness', () => {
    let newest = -Infinity;
    let behind = 0;
    for (const { event } of arrived) {
      const { time } = read(ruleset, event);
      expect(time).toBeGreaterThanOrEqual(end - spanMs);
      expect(time).toBeLessThan(end);
      behind = Math.max(behind, newest - time);
      newest = Math.max(newest, time);
    }
    expect(behind).toBeGreaterThan(0);
    expect(behind).toBeLessThanOrEqual(latenessMs);
  });
});

describe('the events', () => {
  const arrived = all(5, 20_000);

  it('come from ten sources, each recognised by its mapping, which reads the id', () => {
    const datasets = new Set<string>();
    for (const { id, event } of arrived) {
      const found = read(ruleset, event);
      expect([found.id, idOf(event), found.tags]).toEqual([id, id, []]);
      datasets.add(found.dataset);
    }
    expect([...datasets].toSorted()).toEqual([
      'accounts',
      'aws.cloudtrail',
      'edr',
      'endpoint',
      'idp',
      'logins',
      'mfa',
      'payments',
      'vpn',
      'waf',
    ]);
  });

  it('are sometimes repeated, with the same bytes', () => {
    const texts = new Map<string, Set<string>>();
    for (const { id, event } of arrived) texts.set(id, (texts.get(id) ?? new Set()).add(JSON.stringify(event)));
    expect([...texts.values()].filter((of) => of.size !== 1)).toEqual([]);
    expect(arrived.length - texts.size).toBeGreaterThan(arrived.length / 1000);
  });

  it('include behaviour that resembles attacks: shared addresses, shared tablets, users who fail and then log in', () => {
    const byAddress = new Map<string, Set<unknown>>();
    const byTablet = new Map<string, Set<unknown>>();
    const failed = new Set<unknown>();
    const recovered = new Set<unknown>();
    const add = (to: Map<string, Set<unknown>>, key: unknown, value: unknown): void =>
      void to.set(String(key), (to.get(String(key)) ?? new Set()).add(value));
    for (const { event, truth } of arrived) {
      const { dataset, mapped } = read(ruleset, event);
      if (truth !== undefined || dataset !== 'logins' || mapped === undefined) continue;
      add(byAddress, mapped['source.ip'], mapped['user.id']);
      if (String(mapped['device.id']).startsWith('tablet')) add(byTablet, mapped['device.id'], mapped['user.id']);
      if (mapped['event.outcome'] === 'failure') failed.add(mapped['user.id']);
      else if (failed.has(mapped['user.id'])) recovered.add(mapped['user.id']);
    }
    expect(Math.max(...[...byAddress.values()].map(({ size }) => size))).toBeGreaterThanOrEqual(10);
    expect(Math.max(...[...byTablet.values()].map(({ size }) => size))).toBeGreaterThanOrEqual(2);
    expect(recovered.size).toBeGreaterThan(20);
  });
});
