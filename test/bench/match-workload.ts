/**
 * 100 rules and 2,000 events as a fraud and security team has them: six feeds, each rule on one of them, most rules with
 * two to four conditions, some with lists, networks, amounts and alternatives. Deterministic.
 */
import type { Event, JsonObject } from '../../engine/core/event.ts';

export type BenchRule = { readonly id: string; readonly conditions: JsonObject };

const feeds = {
  payments: { field: 'transaction.status', words: ['declined', 'approved', 'reversed', 'refunded', 'pending'] },
  identity: { field: 'event.action', words: ['login', 'logout', 'password-reset', 'mfa-denied', 'mfa-enrolled', 'session-start'] },
  waf: { field: 'rule.category', words: ['sqli', 'xss', 'rce', 'lfi', 'bot', 'scanner'] },
  vpn: { field: 'event.action', words: ['vpn-connect', 'vpn-disconnect', 'vpn-failed'] },
  endpoint: { field: 'process.name', words: ['powershell.exe', 'cmd.exe', 'rundll32.exe', 'certutil.exe', 'svchost.exe', 'chrome.exe'] },
  cloud: { field: 'event.action', words: ['ConsoleLogin', 'CreateUser', 'PutBucketPolicy', 'StopLogging', 'AssumeRole', 'GetObject'] },
} as const;

const names = Object.keys(feeds) as (keyof typeof feeds)[];

/** The n-th further condition: what such rules check in addition to feed and action. */
function further(n: number): JsonObject {
  const all: JsonObject[] = [
    { fact: 'transaction.amount_minor', operator: 'greaterThan', value: 10_000 + n * 100 },
    { fact: 'event.outcome', operator: 'equal', value: n % 2 === 0 ? 'failure' : 'success' },
    { fact: 'source.ip', operator: 'notInCidr', value: ['10.0.0.0/8', '192.168.0.0/16'] },
    { fact: 'user.name', operator: 'notIn', value: ['svc-backup', 'svc-deploy', 'root'] },
    { fact: 'url.path', operator: 'startsWith', value: '/admin' },
    { fact: 'user_agent.original', operator: 'contains', value: 'curl' },
    {
      any: [
        { fact: 'source.geo.country_iso_code', operator: 'in', value: ['KP', 'IR', 'RU'] },
        { fact: 'device.known', operator: 'equal', value: false },
      ],
    },
    { not: { fact: 'host.name', operator: 'endsWith', value: '.internal' } },
  ];
  return all[n % all.length]!;
}

export const rules: readonly BenchRule[] = Array.from({ length: 100 }, (_, n) => {
  const feed = names[n % names.length]!;
  const { field, words } = feeds[feed];
  const action =
    n % 7 === 0
      ? { fact: field, operator: 'in', value: [words[n % words.length]!, words[(n + 1) % words.length]!] }
      : { fact: field, operator: 'equal', value: words[Math.floor(n / names.length) % words.length]! };
  const more = Array.from({ length: n % 3 }, (_unused, k) => further(n + k));
  return { id: `bench-${n}`, conditions: { all: [{ fact: 'event.dataset', operator: 'equal', value: feed }, action, ...more] } };
});

/** mulberry32: small and good enough to mix events. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function makeEvents(count: number, seed = 7): Event[] {
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  return Array.from({ length: count }, (_, n) => {
    const dataset = pick(names);
    const { field, words } = feeds[dataset];
    const [holder, name] = field.split('.') as [string, string];
    const raw: Record<string, Record<string, unknown>> = {
      event: { outcome: pick(['success', 'failure']), kind: 'event' },
      source: {
        ip: `${pick(['10', '192', '203', '198'])}.${pick(['168', '0', '51'])}.${Math.floor(next() * 256)}.7`,
        geo: { country_iso_code: pick(['DE', 'US', 'RU', 'FR']) },
      },
      user: { id: `u${Math.floor(next() * 5000)}`, name: pick(['alice', 'bob', 'svc-backup', 'carol']) },
      device: { id: `d${Math.floor(next() * 9000)}`, known: next() < 0.9 },
      host: { name: pick(['web-1.internal', 'web-2', 'laptop-7']) },
      url: { path: pick(['/', '/login', '/admin/users', '/api/v1/items']) },
      user_agent: { original: pick(['Mozilla/5.0 (X11; Linux x86_64)', 'curl/8.5.0', 'python-requests/2.31']) },
    };
    raw[holder] = { ...raw[holder], [name]: pick(words) };
    if (dataset === 'payments') raw['transaction'] = { ...raw['transaction'], amount_minor: Math.floor(next() * 60_000), currency: 'EUR' };
    return { id: `e${n}`, time: n, dataset, raw: JSON.parse(JSON.stringify(raw)) as JsonObject, mapped: undefined, tags: [] };
  });
}
