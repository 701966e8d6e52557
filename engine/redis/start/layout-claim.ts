/**
 * The layout of a Redis, which must never change while it holds Weir's data: the number of partitions and shards over
 * which its keys are spread, and the format of the data. The first process writes it. A process with other numbers would
 * look for windows in the wrong place, so it is refused.
 */
import { WeirError } from '../../errors.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command } from '../commands/call.ts';
import { keys } from '../keys.ts';

export type Layout = { readonly partitions: number; readonly shards: number };

/** Raised when data of an older Weir can no longer be read. */
export const dataFormat = 2;

/**
 * Writes the layout if there is none yet.
 * @throws WeirError (78) when this Redis was set up with another layout; the error of Redis when it refuses the write
 */
export async function claimLayout(nodes: RedisNodes, wanted: Layout): Promise<void> {
  const redis = commandsOn(nodes);
  const read = () => redis.ask<Record<string, string>>(command('hgetall', keys.layout));
  const fields = { partitions: wanted.partitions, shards: wanted.shards, format: dataFormat };
  // Even a full Redis accepts this write, so that workers can start and drain it. Any other refusal shows here.
  await redis.ask(command('hdel', keys.layout, 'probe'));
  let stored = await read();
  if (Object.keys(fields).some((field) => stored[field] === undefined)) {
    for (const [field, value] of Object.entries(fields)) await redis.ask(command('hsetnx', keys.layout, field, value));
    stored = await read();
  }
  const differing = Object.entries(fields).filter(([field, value]) => stored[field] !== String(value));
  if (differing.length === 0) return;
  const [field, value] = differing[0]!;
  if (field === 'format') {
    throw new WeirError(
      `this Redis holds data of format ${stored[field]}; this Weir reads format ${value}.`,
      'Use the Weir that wrote it, or a Redis (or WEIR_DATA) of its own for this one.',
    );
  }
  const all = differing.map(([name, wantedValue]) => `${stored[name]} ${name} and not ${wantedValue}`).join(', ');
  const variables = differing.map(([name]) => `WEIR_${name.toUpperCase()}=${stored[name]}`).join(' ');
  throw new WeirError(`this Redis was set up with ${all}.`, `Set ${variables}, or use a Redis (or WEIR_DATA) of its own.`);
}
