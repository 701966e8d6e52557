/** A console in a real browser on a real engine, with its own rules and traffic. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Alert } from '../../engine/core/alert/alert.ts';
import { openBrowser, visit, type Visit } from './browser.ts';
import { startEngine, type RawEvent, type TestEngine } from './engine.ts';

const rules = `
id: card-testing
title: Card testing from one address
level: high
risk: 40
tags: [attack.t1110]
conditions: { all: [{ fact: event.dataset, operator: equal, value: payments }] }
correlation: { type: value_count, group-by: [source.ip], timespan: 10m, condition: { field: card, gte: 3 } }
message: '{{source.ip}} tried {{value}} cards'
---
id: takeover
title: Failed logins, then a payment
level: critical
risk: 80
steps:
  - { name: guess, conditions: { all: [{ fact: event.outcome, operator: equal, value: failure }] }, times: { gte: 2, in: 10m } }
  - { name: payout, conditions: { all: [{ fact: event.dataset, operator: equal, value: transfers }] }, group-by: [account.owner] }
correlation: { type: temporal_ordered, group-by: [user.id], timespan: 30m }
---
id: odd
title: Something odd
level: low
entities: [user.name]
conditions: { all: [{ fact: event.dataset, operator: equal, value: odd }] }
message: 'said {{user.name}}'
`;

export type TestConsole = AsyncDisposable & {
  readonly engine: TestEngine;
  readonly browser: Browser;
  visit(at?: string, options?: BrowserContextOptions): Promise<Visit>;
  /** Sends three cards from one address: one alert of card-testing. */
  cards(ip: string): Promise<Alert>;
  takeover(user: string): Promise<Alert>;
  /** Sends one event, which the rule `odd` matches. */
  odd(event: RawEvent): Promise<Alert>;
  api(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>;
};

export async function openConsole(env: Record<string, string> = {}, key?: string): Promise<TestConsole> {
  const engine = await startEngine({ rules: { 'rules.yaml': rules }, env });
  const authorization: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  await engine.start('up');
  const browser = await openBrowser();
  let n = 0;

  async function api(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(engine.url() + path, { method, headers: { ...type, ...authorization, ...headers }, ...json });
    return { status: answer.status, body: (await answer.json()) as unknown };
  }

  /** Sends events. @returns the alert that they raise */
  async function raise(events: readonly RawEvent[]): Promise<Alert> {
    const known = new Set((await engine.alerts()).map(({ id }) => id));
    const { status } = await api('POST', '/v1/events', events);
    if (status !== 202) throw new Error(`the events were not accepted: ${status}`);
    await engine.quiet();
    const found = (await engine.alerts()).find(({ id }) => !known.has(id));
    if (found === undefined) throw new Error('these events raised no alert');
    return found;
  }

  const event = (fields: RawEvent): RawEvent => ({
    'event.id': `e${++n}`,
    '@timestamp': `2026-01-01T00:00:${String(n % 60).padStart(2, '0')}Z`,
    ...fields,
  });

  return {
    engine,
    browser,
    api,
    visit: (at = '', options = {}) => visit(browser, `${engine.url()}/${at}`, options),
    cards: (ip) => raise(['a', 'b', 'c'].map((card) => event({ 'event.dataset': 'payments', 'source.ip': ip, card }))),
    takeover: (user) =>
      raise([
        ...[0, 10].map((s) =>
          event({
            '@timestamp': `2026-01-01T01:00:${s === 0 ? '00' : s}Z`,
            'event.dataset': 'logins',
            'event.outcome': 'failure',
            'user.id': user,
          }),
        ),
        event({ '@timestamp': '2026-01-01T01:10:00Z', 'event.dataset': 'transfers', 'account.owner': user }),
      ]),
    odd: (fields) => raise([event({ 'event.dataset': 'odd', ...fields })]),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** The row of an alert in the list. */
export const rowOf = (page: Page, { id }: Pick<Alert, 'id'>): Locator => page.locator(`.alert[data-id="${id}"]`);

/** Waits until the page streams alerts. */
export const live = (page: Page): Promise<void> => page.locator('.light.good').waitFor();
