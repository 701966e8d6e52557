/**
 * Two real Redis servers in cluster mode, each with half of the slots, and the router over them. They do not know each
 * other: a command that reaches the wrong one is refused (CLUSTERDOWN), and so is one whose keys are in several slots
 * (CROSSSLOT). Both are stopped at the end of the test file.
 *
 *     const { router, nodes } = await twoNodes();   beforeEach(() => Promise.all(nodes.map((node) => node.flushall())));
 */
import { afterAll } from 'vitest';
import { slotCount } from '../../engine/redis/commands/slot.ts';
import type { Router } from '../../engine/redis/commands/router.ts';
import { connect, type Redis } from '../../engine/redis/connection.ts';
import { freePort } from './free-port.ts';
import { until } from './processes.ts';
import { startRedis, type TestRedis } from './redis.ts';

export type TwoNodes = {
  readonly router: Router;
  /** In the order of the slots. */
  readonly nodes: readonly Redis[];
  readonly servers: readonly TestRedis[];
};

export async function twoNodes(): Promise<TwoNodes> {
  const half = slotCount / 2;
  const servers = await Promise.all([nodeOf(0, half), nodeOf(half, slotCount)]);
  // A command that cannot be sent fails at once.
  const nodes = servers.map(({ url }) => connect(url, 'test', { maxRetriesPerRequest: 0, enableOfflineQueue: false }));
  for (const node of nodes) node.on('error', () => undefined);
  afterAll(async () => {
    for (const node of nodes) node.disconnect();
    await Promise.all(servers.map((server) => server.stop()));
  });
  await until(() => nodes.every(({ status }) => status === 'ready'));
  return { router: { ownerOf: (slot) => nodes[slot < half ? 0 : 1]!, nodes: () => nodes }, nodes, servers };
}

async function nodeOf(from: number, to: number): Promise<TestRedis> {
  const server = await startRedis({
    'cluster-enabled': 'yes',
    'cluster-require-full-coverage': 'no',
    port: String(await freePort()),
    'cluster-port': String(await freePort()),
  });
  const redis = connect(server.url, 'test');
  await redis.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, i) => from + i));
  await until(async () => (await redis.cluster('INFO')).includes('cluster_state:ok'));
  redis.disconnect();
  return server;
}
