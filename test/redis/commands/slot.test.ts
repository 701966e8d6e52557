import fc from 'fast-check';
import { expect, it } from 'vitest';
import { command } from '../../../engine/redis/commands/call.ts';
import { commandsOn } from '../../../engine/redis/commands.ts';
import { slotOf } from '../../../engine/redis/commands/slot.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { twoNodes } from '../../support/redis-nodes.ts';

const { nodes } = await twoNodes();
const askRedis = (key: string): Promise<number> => commandsOn(nodes[0]!).ask<number>(command('cluster keyslot', key));

const braces = fc.string({ unit: fc.constantFrom('{', '}', 'a', 'b', 'é', '😀'), maxLength: 12 });

it('is the slot that Redis computes, for any braces and letters', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(braces, fc.string({ unit: 'binary' })), async (key) => {
      expect(slotOf(key)).toBe(await askRedis(key));
    }),
    { numRuns: 500 },
  );
});

it.each(['', '{}', 'a{}b', '{}{a}', 'a{b}c{d}', 'a}b{c', 'a{b', '{{a}}', 'foo{bar}{zap}', 'x{}}'])('of %j', async (key) => {
  expect(slotOf(key)).toBe(await askRedis(key));
});

it('is the same for all keys of one script', () => {
  const together = [
    [keys.events(3), keys.stats(3), keys.dead(3), keys.alone(3)],
    [
      keys.log(7, 'shape', 'group'),
      keys.record(7, 'r', 'g'),
      keys.reviews(7),
      keys.outbox(7),
      keys.newLogs(7, 1),
      keys.partitionStats(7),
      keys.scratch(7),
    ],
    [
      keys.alert('a'),
      keys.alertHistory('b'),
      keys.alertCounts('c'),
      keys.alertClosings,
      keys.alertChanges,
      keys.alertIndex,
      keys.alertsOfEntity('f', 'v'),
    ],
    [keys.webhookVersion, keys.webhookTargets, keys.webhooksDisabled, keys.webhookFailures, keys.webhookFailed],
  ];
  for (const some of together) expect(new Set(some.map(slotOf)).size, some[0]).toBe(1);
});
