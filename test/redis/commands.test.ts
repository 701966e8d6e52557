/** The command port on a single Redis. */
import { beforeEach, describe, expect, it } from 'vitest';
import { commandsOn } from '../../engine/redis/commands.ts';
import { command, inBytes, keyless, script, type ScriptCall, type WrittenCall } from '../../engine/redis/commands/call.ts';
import { scriptOf } from '../../engine/redis/commands/script.ts';
import { connect } from '../../engine/redis/connection.ts';
import { isError, refusalOfError } from '../../engine/redis/errors.ts';
import { keys } from '../../engine/redis/keys.ts';
import { ownRedis } from '../support/own-redis.ts';
import { until } from '../support/processes.ts';
import { startRedis } from '../support/redis.ts';

const { redis } = await ownRedis();
const commands = commandsOn(redis);
beforeEach(async () => {
  await redis.flushall();
  await redis.script('FLUSH');
});

/** Counts each call, which shows whether one was sent twice. */
const ingest = (events: number): ScriptCall => script('ingest', [keys.events(0), keys.stats(0)], ['pack', events]);
const accepted = async (): Promise<number> => Number(await redis.hget(keys.stats(0), 'accepted'));

/** A call of a script, encoded as bytes. */
function writtenIngest(events: number): WrittenCall {
  const words = ['EVALSHA', scriptOf('ingest').sha, '2', keys.events(0), keys.stats(0), 'pack', String(events)];
  const text = `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  return { kind: 'written', script: 'ingest', key: keys.events(0), written: Buffer.from(text) };
}

describe('a batch', () => {
  it('is answered in order, as text or as bytes', async () => {
    const bytes = Buffer.from([0, 255, 13, 10]);
    expect(
      await commands.send([
        command('set', 'a', bytes),
        inBytes(command('get', 'a')),
        command('get', 'nothing'),
        command('hset', 'h', 'x', 1, 'y', 2),
        command('hgetall', 'h'),
        command('object encoding', 'h'),
        inBytes(ingest(1)),
      ]),
    ).toEqual(['OK', bytes, null, 2, { x: '1', y: '2' }, expect.stringContaining('list'), expect.any(Buffer)]);
  });

  it('is one round trip', async () => {
    const reads = async (): Promise<number> => Number(/total_reads_processed:(\d+)/.exec(await redis.info('stats'))![1]);
    const before = await reads();
    await commands.send(Array.from({ length: 100 }, (_, i) => command('set', `key:${i}`, i)));
    expect((await reads()) - before).toBeLessThanOrEqual(2);
  });

  it('without calls sends nothing', async () => {
    expect(await commands.send([])).toEqual([]);
    expect(await commands.trySend([])).toEqual([]);
  });

  it('returns errors in place of answers, or throws the first of them', async () => {
    await redis.set('text', 'a');
    const batch = [command('set', 'a', 1), command('hget', 'text', 'x'), command('get', 'a'), command('incr', 'text')];
    const [one, two, three, four] = await commands.trySend(batch);
    expect([one, three]).toEqual(['OK', '1']);
    expect([(two as Error).message, (four as Error).message]).toEqual([
      expect.stringContaining('WRONGTYPE'),
      expect.stringContaining('not an integer'),
    ]);
    await expect(commands.send(batch)).rejects.toThrow('WRONGTYPE');
    await expect(commands.ask(command('incr', 'text'))).rejects.toThrow('not an integer');
  });
});

describe('a script', () => {
  it('that Redis does not know is loaded, and each call is executed once', async () => {
    expect(await commands.send([ingest(1), ingest(2), command('hget', keys.stats(0), 'accepted')])).toHaveLength(3);
    expect(await accepted()).toBe(3);
    await redis.script('FLUSH');
    await commands.ask(ingest(4));
    expect(await accepted()).toBe(7);
  });

  it('that is known is not called again when another is not', async () => {
    await commands.ask(ingest(1));
    const [done, id] = await commands.send([script('outbox-add', [keys.outbox(0)], ['al_a', '{}']), ingest(2)]);
    expect([done, id]).toEqual([1, expect.stringMatching(/^\d+-\d+$/)]);
    expect(await accepted()).toBe(3);
  });

  it('encoded as bytes is loaded in the same way', async () => {
    // A batch of encoded calls alone, as append buffers send them: no other call loads the script.
    expect(await commands.send([writtenIngest(1), writtenIngest(2)])).toEqual([expect.any(Buffer), expect.any(Buffer)]);
    expect(await accepted()).toBe(3);
    await redis.script('FLUSH');
    const answers = await commands.send([writtenIngest(5), ingest(1), writtenIngest(2)]);
    expect(answers).toEqual([expect.any(Buffer), expect.any(String), expect.any(Buffer)]);
    expect(await accepted()).toBe(11);
  });

  it('that cannot be loaded fails with the reason', async () => {
    await redis.call('ACL', 'SETUSER', 'default', '-script');
    const [failed, fine] = await commands.trySend([ingest(1), command('set', 'a', 1)]);
    await redis.call('ACL', 'SETUSER', 'default', '+script');
    expect(isError(failed, 'NOPERM')).toBe(true);
    expect(fine).toBe('OK');
    expect(await accepted()).toBe(0);
  });
});

describe('a transaction', () => {
  it('is all or nothing', async () => {
    expect(await commands.transact([command('hset', 'h', 'a', 1), command('hlen', 'h')])).toEqual([1, 1]);
    await expect(commands.transact([command('hset', 'h', 'b', 1), command('hset', 'h')])).rejects.toThrow('EXECABORT');
    expect(await redis.hlen('h')).toBe(1);
  });

  it('must be in one slot', async () => {
    await expect(commands.transact([command('set', '{a}x', 1), command('set', '{b}x', 1)])).rejects.toThrow('several slots: {a}x, {b}x');
    expect(await redis.dbsize()).toBe(0);
  });
});

it('a command without a key is sent to a node', async () => {
  const [node] = commands.nodes();
  expect(commands.nodes()).toHaveLength(1);
  expect(await node!.dbsize()).toBe(0);
  await redis.set('a', 1);
  expect(await commands.sendTo(node!, [keyless('randomkey'), command('get', 'a')])).toEqual(['a', '1']);
  expect(await commands.anyNode().time()).toHaveLength(2);
});

it('calls without an answer when the connection breaks get the error of an outage', async () => {
  const [node] = commands.nodes();
  const cut = commands.sendTo(node!, [
    command('set', 'a', 1),
    keyless('client kill', 'TYPE', 'normal', 'SKIPME', 'no'),
    command('get', 'a'),
  ]);
  await expect(cut).rejects.toSatisfy((error) => refusalOfError(error)?.because === 'away');
  expect(await commands.ask(command('get', 'a'))).toBe('1');
});

it('during an outage of Redis each call has an error, and the port is not ready', async () => {
  const other = await startRedis();
  const lost = connect(other.url, 'lost', { maxRetriesPerRequest: 0, enableOfflineQueue: false });
  lost.on('error', () => undefined);
  const away = commandsOn(lost);
  await new Promise((resolve) => lost.once('ready', resolve));
  expect(away.ready()).toBe(true);
  await other.stop();
  const answers = await away.trySend([command('get', 'a'), ingest(1), writtenIngest(1)]);
  expect(answers.map((answer) => refusalOfError(answer)?.because)).toEqual(['away', 'away', 'away']);
  await until(() => !away.ready());
  await expect(away.send([command('get', 'a')])).rejects.toThrow("isn't writeable");
  lost.disconnect();
});
