/** The calls that one batch makes: each step once for all of its items, in order, and nothing waits for webhooks. */
import { expect, it } from 'vitest';
import { forward } from '../../../engine/runtime/forward/forward.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { forwardBench, type Bench } from '../../support/forwarding.ts';
import { until } from '../../support/processes.ts';

type Ports = Bench['ports'];

/** The same ports, which record each call as `port.verb`. */
function noting(ports: Ports, calls: string[]): Ports {
  const noted = <T extends object>(name: string, port: T): T =>
    Object.fromEntries(
      Object.entries(port).map(([verb, value]: [string, unknown]) => [
        verb,
        typeof value === 'function' ? (...args: unknown[]): unknown => (calls.push(`${name}.${verb}`), value(...args) as unknown) : value,
      ]),
    ) as T;
  const { outbox, store, budget, waiting, siem, webhooks } = ports;
  return {
    ...ports,
    outbox: noted('outbox', outbox),
    store: noted('store', store),
    budget: noted('budget', budget),
    waiting: noted('waiting', waiting),
    siem: noted('siem', siem),
    webhooks: noted('webhooks', webhooks!),
  };
}

async function callsOf(bench: Bench): Promise<string[]> {
  const calls: string[] = [];
  expect(await forward(noting(bench.ports, calls), bench.items())).toEqual([]);
  expect(bench.items()).toEqual([]);
  return calls;
}

const putAlerts = (bench: Bench, count: number): void => {
  for (let i = 0; i < count; i++) bench.putAlert(i % 3, alertOf(`n${i}`, { level: i % 2 === 1 ? 'low' : 'high', created: iso(noon + i) }));
};
const putUpdate = (bench: Bench, version: number): void =>
  bench.putUpdate(0, { id: 'al_n0', version, count: 9, first_seen: iso(noon), last_seen: iso(noon) });

it('a batch of everything takes each step once, whatever the number of items', async () => {
  const bench = forwardBench({ siemMax: 5, alertsMax: 8 });
  await bench.ports.store.put([alertOf('n0')]);
  putAlerts(bench, 12);
  bench.putAlert(0, alertOf('shadow', { shadow: true }));
  putUpdate(bench, 2);
  const calls = await callsOf(bench);
  const one = ['store.standing', 'budget.take', 'store.put', 'store.getMany', 'store.update'];
  const side = ['siem.size', 'waiting.sizes', 'waiting.push', 'siem.add', 'store.markQueued'];
  const beside = ['webhooks.add', 'store.markNotified', 'store.update'];
  expect(calls.slice(0, one.length)).toEqual(one);
  expect(calls.filter((call) => side.includes(call))).toEqual(side);
  expect(calls.slice(one.length, -1).toSorted()).toEqual([...side, ...beside].toSorted());
  expect(calls.at(-1)).toBe('outbox.remove');
});

it('a repeat takes nothing from the budget, and does not queue marked alerts', async () => {
  const bench = forwardBench();
  bench.putAlert(0, alertOf('a'));
  await callsOf(bench);
  bench.putAlert(0, alertOf('a'));
  expect(await callsOf(bench)).toEqual(['store.standing', 'store.put', 'outbox.remove']);
});

it('an update alone takes one step, then leaves the outbox', async () => {
  const bench = forwardBench();
  putUpdate(bench, 2);
  expect(await callsOf(bench)).toEqual(['store.update', 'outbox.remove']);
});

it('the SIEM queue and updates do not wait for webhooks, but the outbox does', async () => {
  const bench = forwardBench();
  const { store, webhooks } = bench.ports;
  let release = (): void => undefined;
  const hanging = new Promise<void>((resolve) => (release = resolve));
  const ports: Ports = { ...bench.ports, webhooks: { ...webhooks!, add: async (...asked) => (await hanging, webhooks!.add(...asked)) } };
  bench.putAlert(0, alertOf('a'));
  bench.putUpdate(0, { id: 'al_a', version: 2, count: 9, first_seen: iso(noon), last_seen: iso(noon) });
  const forwarding = forward(ports, bench.items());
  await until(async () => (await store.standing(['al_a']))[0] === 'queued' && (await store.get('al_a'))?.count === 9);
  expect(bench.queued.map(({ id }) => id)).toEqual(['al_a']);
  expect(bench.notified).toEqual([]);
  expect(bench.items()).toHaveLength(2);
  release();
  expect(await forwarding).toEqual([]);
  expect(bench.notified).toEqual(['al_a']);
  expect(bench.items()).toEqual([]);
});
