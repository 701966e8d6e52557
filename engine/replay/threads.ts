/**
 * Matches blocks with several threads, and returns them in order. The main thread matches the first blocks: a file of a
 * few thousand events is done before another thread would have compiled the rules.
 */
import { availableParallelism } from 'node:os';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SourceFile } from '../compile/source/documents.ts';
import { limits } from '../core/limits.ts';
import type { RuleSet } from '../core/rule.ts';
import type { Block, BlockBytes } from './blocks.ts';
import { blockMatcher, type MatchOptions } from './match-block.ts';
import type { MatchedSets } from './matched-block.ts';

/** A rule set and its files, which each thread compiles itself. */
export type ThreadRules = { readonly ruleset: RuleSet; readonly files: readonly SourceFile[] };

/** The data that a thread starts with. */
export type ThreadData = { readonly sets: readonly (readonly SourceFile[])[]; readonly options: MatchOptions };

/** `thread`: the thread that numbered its targets. */
export type Matched = { readonly block: Block; readonly sets: MatchedSets; readonly thread: number };

export type ThreadOptions = MatchOptions & {
  /** Number of threads besides this one. Default: one less than the number of processors, within bounds. */
  readonly threads?: number;
  /** Number of blocks that this thread matches before it starts others. */
  readonly alone?: number;
};

/** @throws the error of a thread */
export async function* matchedBlocks(
  blocks: AsyncIterable<Block>,
  rules: readonly ThreadRules[],
  options: ThreadOptions,
): AsyncGenerator<Matched> {
  const { dataset, nowMs, alone = limits.replayAloneBlocks } = options;
  const count = Math.min(limits.replayThreadsMax, options.threads ?? usualThreads());
  const here = blockMatcher(
    rules.map(({ ruleset }) => ruleset),
    { dataset, nowMs },
  );
  const threads: Thread[] = [];
  const waiting: Slot[] = [];
  let seen = 0;
  try {
    for await (const block of blocks) {
      const data: ThreadData = { sets: rules.map(({ files }) => files), options: { dataset, nowMs } };
      if (seen >= alone) while (threads.length < count) threads.push(openThread(threads.length + 1, data));
      seen += 1;
      const free = leastBusy(threads);
      waiting.push(free === undefined ? done({ block, sets: here(block), thread: 0 }) : asked(free.match(block)));
      while (waiting.length > 0 && (waiting[0]!.ready || waiting.length > blocksAhead * count)) yield await waiting.shift()!.answer;
    }
    while (waiting.length > 0) yield await waiting.shift()!.answer;
  } finally {
    for (const { answer } of waiting) answer.catch(() => undefined);
    await Promise.all(threads.map((thread) => thread.stop()));
  }
}

/** Blocks queued per thread: when all threads have that many, this thread matches one itself. Enough to keep them busy while this one plays. */
const busyBlocks = 6;
/** Blocks per thread that may be matched ahead of their turn. */
const blocksAhead = 16;

/** A block's place in the queue, and its result once there is one. */
type Slot = { readonly answer: Promise<Matched>; ready: boolean };

const done = (matched: Matched): Slot => ({ answer: Promise.resolve(matched), ready: true });

function asked(answer: Promise<Matched>): Slot {
  const slot: Slot = { answer, ready: false };
  answer.then(
    () => (slot.ready = true),
    () => (slot.ready = true),
  );
  return slot;
}

function leastBusy(threads: readonly Thread[]): Thread | undefined {
  let found: Thread | undefined;
  for (const thread of threads) if (thread.busy() < (found?.busy() ?? busyBlocks)) found = thread;
  return found;
}

/** This thread takes part too: it plays the matched blocks, and matches when the others are busy. */
const usualThreads = (): number => availableParallelism() - 1;

type Thread = { match(block: Block): Promise<Matched>; /** Blocks that it has before it. */ busy(): number; stop(): Promise<unknown> };

function openThread(thread: number, data: ThreadData): Thread {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: data });
  const open: (PromiseWithResolvers<Matched> & { readonly block: Block })[] = [];
  const failed = (fault: Error): void => {
    for (const one of open.splice(0)) one.reject(fault);
  };
  worker.on('message', (sets: MatchedSets) => {
    const { block, resolve } = open.shift()!;
    resolve({ block, sets, thread });
  });
  worker.on('error', failed);
  worker.on('exit', (code) => failed(new Error(`a thread of the replay ended with ${code}`)));
  return {
    match(block) {
      const answer = Promise.withResolvers<Matched>();
      const { format, bytes, firstLine, firstByte, lineEnds } = block;
      open.push({ ...answer, block });
      worker.postMessage({ format, bytes, firstLine, firstByte, lineEnds } satisfies BlockBytes, []);
      return answer.promise;
    },
    busy: () => open.length,
    async stop() {
      const gone = once(worker, 'exit');
      await worker.terminate();
      return gone;
    },
  };
}
