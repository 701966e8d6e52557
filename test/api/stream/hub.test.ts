/** The reader of the hub falling behind: changes trimmed before they were read are reported to every client as a reset. */
import { afterEach, expect, it } from 'vitest';
import type { StreamClient } from '../../../api/stream/client.ts';
import { openHub, type Hub } from '../../../api/stream/hub.ts';
import type { AlertChange, AlertFeed, ChangesEnds } from '../../../engine/runtime/alert/changes.ts';
import { until } from '../../support/processes.ts';

let hub: Hub;
afterEach(() => hub.close());

function client(): StreamClient & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    query: { limit: 1 },
    position: '10-0',
    lastIdSent: '',
    gone: false,
    heard,
    send: (text) => void heard.push(String(text)),
    beat: () => undefined,
    drained: async () => undefined,
    end: () => undefined,
  };
}

const change = (n: number): AlertChange => ({ id: `${n}-0`, kind: 'created', alertId: `al_${n}`, triaged: undefined });

/** A feed whose `wait` gives these results, one after the other, and then waits until it is closed. Its alerts are no longer stored. */
function feedOf(ends: ChangesEnds, waits: readonly (() => AlertChange[])[]) {
  const asked: string[] = [];
  const closed = Promise.withResolvers<AlertChange[]>();
  const feed: AlertFeed = {
    ends: async () => ends,
    after: async () => [],
    briefs: async (ids) => ids.map(() => undefined),
    wait: async (from) => {
      const next = waits[asked.push(from) - 1];
      return next === undefined ? closed.promise : next();
    },
    close: () => closed.resolve([]),
  };
  return { feed, asked };
}

const full = (): AlertChange[] => Array.from({ length: 100 }, (_, i) => change(11 + i));
const away = (): never => {
  throw new Error('Redis is unavailable');
};

it.each([
  ['reading a full batch', full],
  ['Redis was unavailable', away],
])('after %s, every client gets a reset if changes were trimmed meanwhile', async (_name, first) => {
  const { feed, asked } = feedOf({ first: '500-0', last: '600-0' }, [first]);
  hub = openHub({ feed, beatMs: 3_600_000, onFault: () => undefined });
  const clients = [client(), client()];
  await Promise.all(clients.map((one) => hub.follow(one)));
  await until(() => asked.length === 2);
  expect(asked).toEqual(['10-0', '600-0']);
  for (const { heard, position } of clients) {
    expect(heard).toEqual(['id: 600-0\nevent: reset\ndata: {"reason":"changes were trimmed before they could be read"}\n\n']);
    expect(position).toBe('600-0');
  }
});

it('continues where it was, without a reset, if nothing was trimmed', async () => {
  const { feed, asked } = feedOf({ first: '5-0', last: '600-0' }, [full, away]);
  hub = openHub({ feed, beatMs: 3_600_000, onFault: () => undefined });
  const one = client();
  await hub.follow(one);
  await until(() => asked.length === 3);
  expect(asked).toEqual(['10-0', '110-0', '110-0']);
  expect(one.heard).toEqual([]);
});
