/** A replay with threads gives the same alerts as a replay of the events one by one, to the last character. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, type SourceFile } from '../../engine/compile/index.ts';
import type { Alert } from '../../engine/core/alert/alert.ts';
import { eventReader } from '../../engine/replay/event-reader.ts';
import { replayFile } from '../../engine/cli/commands/replay.ts';
import { matchedBlocks } from '../../engine/replay/threads.ts';
import { blocks } from '../../engine/replay/blocks.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { replaySession } from '../../engine/runtime/pipeline/replay-session.ts';

const rule = (id: string, text: string): SourceFile => ({ path: `${id}.yaml`, text: `id: ${id}\n${text}` });
const failed = 'conditions: { all: [{ fact: outcome, operator: equal, value: failure }] }';
const files: SourceFile[] = [
  rule('burst', `${failed}\ncorrelation: { type: event_count, group-by: [user], timespan: 30s, condition: { gte: 3 } }\nsuppress: 5s`),
  rule('hosts', `${failed}\ncorrelation: { type: value_count, group-by: [user], timespan: 1m, condition: { field: host, gte: 3 } }`),
  rule('sum', `${failed}\ncorrelation: { type: value_sum, group-by: [user, host], timespan: 20s, condition: { field: n, gte: 12 } }`),
  rule('single', 'conditions: { all: [{ fact: n, operator: greaterThan, value: 8 }] }'),
  rule('muting', 'conditions: { all: [{ fact: n, operator: equal, value: 8 }] }\nsuppress: { for: 10s, by: [user] }'),
  rule(
    'then',
    `steps:\n  - { name: bad, ${failed} }\n  - { name: good, conditions: { all: [{ fact: outcome, operator: equal, value: success }] } }\n` +
      'correlation: { type: temporal_ordered, group-by: [user], timespan: 1m }',
  ),
  rule(
    'quiet',
    `steps:\n  - { name: bad, ${failed} }\n  - { name: good, not: true, within: 20s, conditions: { all: [{ fact: outcome, operator: equal, value: success }] } }\n` +
      'correlation: { type: temporal_ordered, group-by: [user], timespan: 1m }',
  ),
];
const { ruleset, problems } = compile(files);
const rules = { ruleset, files };
const start = Date.UTC(2026, 0, 1);

it('all rules of this test compile', () => {
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
});

type Result = { readonly alerts: readonly Alert[]; readonly said: readonly string[] };
const options = { latenessMs: 10_000, drain: false, dataset: undefined };

/** Replays the events one by one, parsing and matching each when it is correlated. */
async function oneByOne(text: string): Promise<Result> {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const reader = eventReader(ruleset, '-', undefined, Date.now(), { say });
  const session = replaySession(ruleset, replayStores, { ...options, onRuleFault: (id) => say(id) });
  for (const [i, line] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    const event = reader.read({ line: i + 1, text: line.trim() }, session.clock());
    if (event !== undefined) await session.feed(event);
  }
  return { alerts: await session.finish(), said };
}

async function byThreads(text: string, blockBytes: number, threads: number): Promise<Result> {
  const said: string[] = [];
  const [alerts] = await replayFile(
    '-',
    [rules],
    { ...options, threads, alone: 0, blockBytes },
    { stdin: Readable.from([Buffer.from(text)]), say: (line) => void said.push(line) },
  );
  return { alerts: alerts!, said: said.filter((one) => /^-:\d/.test(one)) };
}

const user = fc.constantFrom('ann', 'bob', 'zoë');
const event = fc.record(
  {
    id: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    '@timestamp': fc.oneof(
      // Late by up to the lateness; written() turns it into a time.
      { arbitrary: fc.integer({ min: 0, max: 10 }).map((late) => ({ late })), weight: 8 },
      { arbitrary: fc.constantFrom('2999-01-01T00:00:00Z', 'never', null), weight: 1 },
    ),
    outcome: fc.constantFrom('failure', 'failure', 'success'),
    user: fc.oneof({ arbitrary: user, weight: 6 }, { arbitrary: fc.array(user, { maxLength: 3 }), weight: 1 }),
    host: fc.constantFrom('h1', 'h2', 'h3', 'h4'),
    n: fc.integer({ min: 0, max: 10 }),
  },
  { requiredKeys: ['@timestamp', 'outcome', 'user', 'host', 'n'] },
);
/** The event at its place in the file, one second per line. @param lateness 0: everything in order of time */
const written = (one: object, place: number, lateness: number): string =>
  JSON.stringify(one, (key, value: unknown) => {
    if (key !== '@timestamp') return value;
    if (typeof value === 'object' && value !== null)
      return new Date(start + (place - lateness * (value as { late: number }).late) * 1000).toISOString();
    // Events that depend on the clock get the time of another event, and equal times may be evaluated in any order.
    return lateness === 0 && value !== 'never' ? new Date(start + place * 1000).toISOString() : value;
  });
const line = fc.oneof(
  { arbitrary: event.map((one) => (place: number, lateness: number) => written(one, place, lateness)), weight: 20 },
  { arbitrary: event.map((one) => (place: number, lateness: number) => `  ${written(one, place, lateness)}\r`), weight: 2 },
  {
    arbitrary: fc
      .constantFrom('', '  ', '{', '[1]', 'null', '{"a":1},{"b":2}', '{"a":[1', '2]}', '"x', 'y"', '1],[2')
      .map((text) => () => text),
    weight: 2,
  },
);
const cases = { numRuns: Number(process.env['WEIR_TEST_RUNS'] ?? 40) };

/** The file begins with an event that has a time: without one, the clock would start in 1970, and the next event would end all windows. */
const first = JSON.stringify({ '@timestamp': new Date(start).toISOString(), outcome: 'none', user: 'eve', host: 'h', n: 0 });
const arrangement = fc.tuple(
  fc.array(line, { minLength: 1, maxLength: 120 }),
  // So few that the buffers of blocks are reused again and again.
  fc.oneof(fc.integer({ min: 300, max: 1200 }), fc.integer({ min: 40, max: 20_000 })),
  fc.constantFrom(0, 0, 0, 0, 1, 2),
  fc.boolean(),
);
const pairs = ({ alerts, said }: Result): unknown => ({
  pairs: [...new Set(alerts.map(({ rule: { id }, group }) => JSON.stringify([id, group])))].sort(),
  said,
});

describe('a replay with threads', () => {
  it('gives the same alerts as one by one, to the last character, for a file in order of time', async () => {
    await fc.assert(
      fc.asyncProperty(arrangement, async ([lines, blockBytes, threads, marked]) => {
        const last = written({ '@timestamp': { late: 0 }, outcome: 'none', user: 'eve', host: 'h', n: 0 }, lines.length, 0);
        const text = (marked ? '\ufeff' : '') + [...lines.map((write, place) => write(place, 0)), last].join('\n');
        expect(await byThreads(text, blockBytes, threads)).toEqual(await oneByOne(text));
      }),
      cases,
    );
  });

  it('gives the same pairs, and reports the same bad lines, when events come late', async () => {
    await fc.assert(
      fc.asyncProperty(arrangement, async ([lines, blockBytes, threads]) => {
        const text = [first, ...lines.map((write, place) => write(place, 1))].join('\n');
        expect(pairs(await byThreads(text, blockBytes, threads))).toEqual(pairs(await oneByOne(text)));
      }),
      cases,
    );
  });
});

it('takes the time of an event that has none, or an unbelievable one, from the events before it', async () => {
  const at = (time: string | undefined, id: number): string =>
    JSON.stringify({ id, '@timestamp': time, outcome: 'failure', user: 'ann', host: `h${id}`, n: 1 });
  const text = [at('2026-01-01T00:00:00Z', 1), at(undefined, 2), at('2999-01-01T00:00:00Z', 3)].join('\n');
  const { alerts } = await byThreads(text, 80, 2);
  expect(alerts.map(({ rule: { id }, last_seen }) => [id, last_seen])).toContainEqual(['burst', '2026-01-01T00:00:00.000Z']);
  expect(alerts).toEqual((await oneByOne(text)).alerts);
});

describe('a file', () => {
  let folder: string;
  const lines = Array.from({ length: 3000 }, (_, i) =>
    JSON.stringify({
      id: i,
      '@timestamp': start + i * 400,
      outcome: i % 3 ? 'failure' : 'success',
      user: `u${i % 40}`,
      host: `h${i % 7}`,
      n: i % 11,
    }),
  ).join('\n');
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weir-replay-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('gives the same alerts plain and gzipped, with any number of threads', async () => {
    const [plain, zipped] = [join(folder, 'a.ndjson'), join(folder, 'a.ndjson.gz')];
    await writeFile(plain, lines);
    await writeFile(zipped, gzipSync(lines));
    const { alerts } = await oneByOne(lines);
    expect(alerts.length).toBeGreaterThan(20);
    for (const file of [plain, zipped]) {
      for (const threads of [0, 2]) {
        const io = { stdin: Readable.from([]), say: () => undefined };
        expect(await replayFile(file, [rules], { ...options, threads, alone: threads === 0 ? 8 : 0, blockBytes: 4096 }, io)).toEqual([
          alerts,
        ]);
      }
    }
  });

  it('is read once for two rule sets', async () => {
    const file = join(folder, 'b.ndjson');
    await writeFile(file, lines);
    const other = files.slice(0, 2);
    const io = { stdin: Readable.from([]), say: () => undefined };
    const both = [rules, { ruleset: compile(other).ruleset, files: other }];
    const [all, few] = await replayFile(file, both, { ...options, threads: 2, alone: 0, blockBytes: 4096 }, io);
    expect(all).toEqual((await oneByOne(lines)).alerts);
    expect(few).toEqual(all!.filter(({ rule: { id } }) => id === 'burst' || id === 'hosts'));
  });
});

it('an error in a thread ends the replay with that error', async () => {
  const broken = { ruleset, files: [{ path: 'x.yaml', text: 42 as unknown as string }] };
  const run = async (): Promise<void> => {
    const source = blocks('-', Readable.from([Buffer.from('{}\n')]));
    for await (const _ of matchedBlocks(source, [broken], { dataset: undefined, nowMs: 0, threads: 1, alone: 0 }));
  };
  await expect(run()).rejects.toThrow(/./);
});
