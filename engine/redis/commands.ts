/**
 * Sends Weir's commands to Redis. Each call names its key (commands/call.ts). A batch is grouped by the node that owns the
 * key: a single Redis gets the whole batch as one pipeline, in one round trip and in order. Each of several nodes gets its
 * own pipeline, and there is no order between nodes. Answers come in the order of the calls. A cluster needs nothing but
 * another router (commands/router.ts).
 *
 *     const redis = commandsOn(connect(url, 'worker'));
 *     const [first, second] = await redis.send<string | null>([command('get', 'a'), command('get', 'b')]);
 *
 * Blocking reads (XREADGROUP with BLOCK) use their own connections instead.
 */
import type { Redis } from './connection.ts';
import type { Call, CommandCall, KeylessCall } from './commands/call.ts';
import { pipelined, transaction } from './commands/pipeline.ts';
import { byOwner, singleRouter, type Router } from './commands/router.ts';
import { slotOf } from './commands/slot.ts';

export type Commands = {
  /** @throws the error of the call */
  ask<Answer>(call: Call): Promise<Answer>;
  /** @throws the first error, after all have been answered: callers repeat the whole batch, since every write is idempotent */
  send<Answer>(calls: readonly Call[]): Promise<Answer[]>;
  /** Like send(), but never rejects: a failed call has its Error in place of an answer. */
  trySend<Answer>(calls: readonly Call[]): Promise<(Answer | Error)[]>;
  /** All calls or none, in one step. @throws the first error; an error when their keys are not in one slot */
  transact<Answer>(calls: readonly CommandCall[]): Promise<Answer[]>;
  /** For commands without a key that every node answers for itself: INFO, SCAN, DBSIZE, RANDOMKEY. */
  nodes(): readonly Redis[];
  /** For commands without a key that any node can answer: TIME. */
  anyNode(): Redis;
  /** Sends calls to that node, regardless of their keys. @throws like send() */
  sendTo<Answer>(node: Redis, calls: readonly (Call | KeylessCall)[]): Promise<Answer[]>;
  /** True if a command would be sent now, without waiting for a connection. */
  ready(): boolean;
};

/** Where commands are sent: one connection for a single Redis, a router for several nodes. */
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
