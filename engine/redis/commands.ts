/**
 * The one way by which Weir's commands go to Redis. Each call names its key (commands/call.ts). Before a batch is sent, it
 * is grouped by the node that owns the key: a single Redis gets all of it as one pipeline, in one round trip and in its
 * order; of several, each gets a pipeline of its own, and between nodes there is no order. Answers come in the order of
 * the calls. A cluster needs no more than another router (commands/router.ts).
 *
 *     const redis = commandsOn(connect(url, 'worker'));
 *     const [first, second] = await redis.send<string | null>([command('get', 'a'), command('get', 'b')]);
 *
 * Reads that wait (XREADGROUP with BLOCK) have connections of their own and do not come through here.
 */
import type { Redis } from './connection.ts';
import type { Call, CommandCall, KeylessCall } from './commands/call.ts';
import { pipelined, transaction } from './commands/pipeline.ts';
import { byOwner, singleRouter, type Router } from './commands/router.ts';
import { slotOf } from './commands/slot.ts';

export type Commands = {
  /** @throws its error */
  ask<Answer>(call: Call): Promise<Answer>;
  /** @throws the first error among them, when all have been answered: callers repeat the whole, every write is idempotent */
  send<Answer>(calls: readonly Call[]): Promise<Answer[]>;
  /** As send(), but each call that failed has its Error in its place, and the others their answers. Never rejects. */
  trySend<Answer>(calls: readonly Call[]): Promise<(Answer | Error)[]>;
  /** All of them or none, in one step. @throws the first error; when their keys do not lie in one slot */
  transact<Answer>(calls: readonly CommandCall[]): Promise<Answer[]>;
  /** For what has no key and is asked of each node: INFO, SCAN, DBSIZE, RANDOMKEY. */
  nodes(): readonly Redis[];
  /** For what has no key and any node may answer: TIME. */
  anyNode(): Redis;
  /** Several calls to that node, wherever their keys would be routed. @throws as send() */
  sendTo<Answer>(node: Redis, calls: readonly (Call | KeylessCall)[]): Promise<Answer[]>;
  /** Whether a command would be sent now, and not have to wait for a connection. */
  ready(): boolean;
};

/** What commands are sent to: a connection is a single Redis, a router leads to several. */
export type RedisNodes = Redis | Router;

export function commandsOn(nodes: RedisNodes): Commands {
  const router = 'ownerOf' in nodes ? nodes : singleRouter(nodes);

  async function answers(calls: readonly Call[]): Promise<unknown[]> {
    const [first, ...others] = router.nodes();
    if (others.length === 0) return pipelined(first!, calls);
    const inOrder: unknown[] = Array.from({ length: calls.length });
    const groups = [...byOwner(router, calls)].map(async ([node, positions]) => {
      const some = positions.map((position) => calls[position]!);
      (await pipelined(node, some)).forEach((answer, i) => (inOrder[positions[i]!] = answer));
    });
    await Promise.all(groups);
    return inOrder;
  }

  return {
    async ask<Answer>(call: Call) {
      const [answer] = allOrThrow<Answer>(await answers([call]));
      return answer!;
    },
    send: async <Answer>(calls: readonly Call[]) => allOrThrow<Answer>(await answers(calls)),
    trySend: async <Answer>(calls: readonly Call[]) => (await answers(calls)) as (Answer | Error)[],
    async transact<Answer>(calls: readonly CommandCall[]) {
      const [slot = 0, ...others] = new Set(calls.map(({ key }) => slotOf(key)));
      if (others.length > 0) throw new Error(`one step over several slots: ${calls.map(({ key }) => key).join(', ')}`);
      return (await transaction(router.ownerOf(slot), calls)) as Answer[];
    },
    nodes: router.nodes,
    anyNode: () => router.nodes().find(({ status }) => status === 'ready') ?? router.nodes()[0]!,
    sendTo: async <Answer>(node: Redis, calls: readonly (Call | KeylessCall)[]) => allOrThrow<Answer>(await pipelined(node, calls)),
    ready: () => router.nodes().every(({ status }) => status === 'ready'),
  };
}

function allOrThrow<Answer>(answers: readonly unknown[]): Answer[] {
  for (const answer of answers) if (answer instanceof Error) throw answer;
  return answers as Answer[];
}
