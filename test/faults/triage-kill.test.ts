/**
 * kill -9 of workers, the API and Redis (AOF `always`) while alerts arrive, are triaged one by one and in bulk, and are
 * streamed. Each alert is streamed once; every acknowledged change is in the history, in the audit log and in the
 * stream; and the counts of the rule are those of a recount.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { alertStatuses, verdictLabels } from '../../engine/core/alert/alert.ts';
import { openAlertChanges } from '../../engine/redis/alert/changes.ts';
import { openTriage } from '../../engine/redis/alert/triage.ts';
import { keys } from '../../engine/redis/keys.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import type { Child } from '../support/processes.ts';
import { openStream } from '../support/sse.ts';
import { seeded } from '../support/workload.ts';

const seed = Number(process.env['WEIR_TEST_SEED'] ?? Date.now() % 1_000_000);
const rules = {
  'rules.yaml': `
id: jackpot
conditions: { all: [{ fact: kind, operator: equal, value: jackpot }] }
`,
};
const events = 400;
const jackpot = (n: number) => ({ id: `e${n}`, time: Date.UTC(2026, 5, 1) + 1000 * n, kind: 'jackpot' });

/** Sends a request. @returns undefined when there was no answer */
async function ask(engine: TestEngine, method: string, path: string, body: object, headers = {}) {
  try {
    const answer = await fetch(engine.url() + path, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(5000),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}

it(`loses, repeats and miscounts no triage change, whatever is killed (seed ${seed})`, async () => {
  const random = seeded(seed);
  await using engine = await startEngine({ rules, redis: { appendonly: 'yes', appendfsync: 'always' } });
  let worker: Child = await engine.start('worker');
  let api: Child = await engine.start('api');
  let over = false;
  let triaged = false;

  const sending = (async () => {
    for (let n = 0; n < events; n += 20) await engine.send(Array.from({ length: 20 }, (_, i) => jackpot(n + i)));
  })();
  const answered: { id: string; note: string }[] = [];
  const triaging = (async () => {
    for (let n = 0; !over; n++) {
      const ids = (await engine.redis.zrange(keys.alertIndex, '0', '-1').catch(() => [])).map((place) => place.slice(9));
      const id = ids[Math.floor(random() * ids.length)];
      if (id === undefined) {
        await sleep(20);
        continue;
      }
      const note = `note ${n}`;
      const change = { status: 'closed', verdict: verdictLabels[Math.floor(random() * verdictLabels.length)], note };
      const answer = await ask(engine, 'PATCH', `/v1/alerts/${id}`, change, { 'if-match': '*' });
      if (answer?.status === 200) answered.push({ id, note });
      if (n % 5 === 0) {
        const filter = { status: n % 2 === 0 ? 'closed' : 'open' };
        await ask(engine, 'POST', '/v1/alerts/triage', { filter, change: { status: 'acknowledged', assignee: `a${n}` }, limit: 30 });
      }
    }
  })();
  const seen: { id: string; text: string }[] = [];
  const following = (async () => {
    let last = '0-0';
    while (!triaged || seen.length < Number(await engine.redis.xlen(keys.alertChanges))) {
      const stream = await openStream(`${engine.url()}/v1/alerts/stream`, { 'last-event-id': last }).catch(() => undefined);
      if (stream?.response.statusCode === 200) {
        await Promise.race([stream.closed, sleep(300)]);
        for (const { id, event, data } of stream.events())
          seen.push({ id: id!, text: `${event} ${(data as { alert?: { id: string } }).alert?.id}` });
        last = stream.events().at(-1)?.id ?? last;
      } else await sleep(50);
      stream?.close();
    }
  })();

  for (let kills = 0; kills < 8; kills++) {
    await sleep(random() * 400);
    if (kills % 3 === 0) {
      await engine.kill(worker);
      worker = await engine.start('worker');
    } else if (kills % 3 === 1) {
      await engine.kill(api);
      api = await engine.start('api');
    } else {
      await engine.server.kill();
      await engine.server.start();
    }
  }
  await sending;
  await engine.quiet();
  over = true;
  await triaging;
  triaged = true;
  await following;

  const alerts = await engine.alerts();
  expect(alerts).toHaveLength(events);
  const changes = await openAlertChanges(engine.redis).after('0-0', 100_000);
  const created = changes.filter(({ kind }) => kind === 'created').map(({ alertId }) => alertId);
  expect(created.toSorted()).toEqual(alerts.map(({ id }) => id).toSorted());
  expect(seen.map(({ id }) => id)).toEqual(changes.map(({ id }) => id));

  const triage = openTriage(engine.redis);
  let revisions = 0;
  const notes = new Map<string, string[]>();
  for (const alert of alerts) {
    const { entries, dropped } = await triage.history(alert.id);
    revisions += alert.revision ?? 0;
    expect(entries.length + dropped).toBe(alert.revision ?? 0);
    let status: string | null = 'open';
    for (const entry of entries) {
      if (entry.status !== undefined) expect(entry.status[0]).toBe(status);
      status = entry.status?.[1] ?? status;
    }
    expect(status).toBe(alert.status);
    notes.set(
      alert.id,
      entries.flatMap(({ note }) => note ?? []),
    );
  }
  expect(changes.filter(({ kind }) => kind === 'triaged')).toHaveLength(revisions);
  const audited = await engine.redis.xrange(keys.audit, '-', '+');
  const written = new Set(
    audited.map(([, fields]) => {
      const entry = Object.fromEntries(fields.flatMap((text, i) => (i % 2 === 0 ? [[text, fields[i + 1]!]] : []))) as Record<
        string,
        string
      >;
      return `${entry['subject']} ${(JSON.parse(entry['detail'] ?? '{}') as { note?: string }).note}`;
    }),
  );
  for (const { id, note } of answered) {
    expect(notes.get(id)).toContain(note);
    expect(written.has(`${id} ${note}`)).toBe(true);
  }
  const [counts] = await triage.counts(['jackpot']);
  const count = (test: (alert: (typeof alerts)[number]) => boolean): number => alerts.filter(test).length;
  expect(counts!.status).toEqual(Object.fromEntries(alertStatuses.map((one) => [one, count(({ status }) => status === one)])));
  expect(counts!.verdicts).toEqual(Object.fromEntries(verdictLabels.map((one) => [one, count(({ verdict }) => verdict === one)])));
  expect(answered.length).toBeGreaterThan(3);
});
