/** Payments and logins of about 300 bytes, as a shop and an identity provider would send them. The same seed gives the same bytes. */
export const batchSize = 500;

/** NDJSON of one batch. */
export const batchBody = (seed: number): Buffer => Buffer.from(eventTexts(seed).join('\n') + '\n');

export function eventTexts(seed: number): string[] {
  let state = seed + 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  return Array.from({ length: batchSize }, (_, index) => {
    const time = new Date(Date.UTC(2026, 0, 1) + (seed * batchSize + index) * 10).toISOString();
    const id = `${seed}-${index}-${random(1e9).toString(36)}`;
    const ip = `203.0.${random(256)}.${random(256)}`;
    const user = `user-${random(20_000)}`;
    return JSON.stringify(index % 3 === 0 ? login(id, time, ip, user, random) : payment(id, time, ip, user, random));
  });
}

type Random = (below: number) => number;

const login = (id: string, time: string, ip: string, user: string, random: Random): object => ({
  '@timestamp': time,
  event: { id, dataset: 'logins', category: ['authentication'], action: 'logon', outcome: random(5) === 0 ? 'failure' : 'success' },
  user: { id: user, name: `${user}@example.com` },
  source: { ip, geo: { country_iso_code: 'DE' } },
  user_agent: { original: 'Mozilla/5.0 (X11; Linux x86_64)' },
});

const payment = (id: string, time: string, ip: string, user: string, random: Random): object => ({
  '@timestamp': time,
  event: { id, dataset: 'payments', category: ['transaction'] },
  user: { id: user },
  source: { ip },
  transaction: {
    id: `tx-${random(1e9)}`,
    status: random(9) === 0 ? 'declined' : 'approved',
    amount_minor: random(100_000),
    currency: 'EUR',
  },
  card: { fingerprint: `fp-${random(50_000)}`, country: 'DE' },
  merchant: { id: `m-${random(500)}` },
});
