/** Only engine/stores.ts opens stores, and its cleanup closes them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCleanup, type Cleanup } from '../engine/cleanup.ts';
import { storesOn } from '../engine/stores.ts';
import { ownRedis } from './support/own-redis.ts';

const { redis, server } = await ownRedis();

test('each store and queue is opened by one line of code', () => {
  const top = join(import.meta.dirname, '..');
  const text = readFileSync(join(top, 'engine/stores.ts'), 'utf8');
  const openers = [...text.matchAll(/^import \{ (.+) \} from '\.\/(?:redis|deliver)\//gm)].flatMap(([, names]) =>
    names!.split(', ').filter((name) => !name.startsWith('type ')),
  );
  expect(openers.length).toBeGreaterThan(20);
  for (const name of openers) expect(text.match(new RegExp(`\\b${name}\\(`, 'g')), name).toHaveLength(1);
  // The layers themselves may use each other's stores.
  const others = globSync(['engine/**/*.ts', 'api/**/*.ts'], { cwd: top, exclude: ['engine/redis/**', 'engine/deliver/**'] });
  expect(others.length).toBeGreaterThan(100);
  const opened = new RegExp(`\\b(?:${openers.filter((name) => name !== 'fanOut').join('|')})\\(`);
  const elsewhere = others.filter((path) => path !== 'engine/stores.ts' && opened.test(readFileSync(join(top, path), 'utf8')));
  expect(elsewhere).toEqual([]);
});

test('background work is registered with the cleanup', async () => {
  const cleanup = openCleanup();
  const given: unknown[] = [];
  const noting: Cleanup = { ...cleanup, use: (resource) => (given.push(resource), cleanup.use(resource)) };
  const stores = storesOn(redis, { shards: 2, partitions: 4 }, noting);
  const opened = [
    stores.sink(server.url, 1000),
    stores.siemIntake(),
    stores.siemQueue(),
    stores.webhooks().queues,
    stores.keySnapshot(),
    stores.limiter({}),
  ];
  expect(given).toEqual(opened);
  given.forEach((one, i) => expect(one).toBe(opened[i]));
  await cleanup.close();
});

test('the cleanup ends background work, and the connection stays open', async () => {
  const clients = async (): Promise<string[]> =>
    String(await redis.client('LIST'))
      .trim()
      .split('\n')
      .map((line) => / name=(\S*)/.exec(line)![1]!)
      .toSorted();
  const before = await clients();
  const cleanup = openCleanup();
  const stores = storesOn(redis, { shards: 2, partitions: 4 }, cleanup);
  const sink = stores.sink(server.url, 1000);
  const keys = stores.keySnapshot();
  const siem = stores.siemQueue();
  await Promise.all([sink.opened, keys.opened]);
  expect(await clients()).toContain('weir-ingest');
  expect(await stores.siemIntake().add([{ id: 'al_a', level: 'high', createdMs: 1 }])).toEqual([true]);
  expect((await siem.depth()).depth.high).toBe(1);
  await stores.webhooks().queues.add('target', [{ id: 'al_a', level: 'high' }], 'alert.created');
  await keys.refresh();

  await cleanup.close();
  expect(await redis.ping()).toBe('PONG');
  await expect.poll(clients).toEqual(before);
  expect(await stores.keyStore().list()).toEqual([]);
});
