/** A thread of a replay: compiles the rules that it gets, and matches one block after the other (threads.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { compile } from '../compile/compile.ts';
import type { BlockBytes } from './blocks.ts';
import { blockMatcher } from './match-block.ts';
import { buffersOf } from './matched-block.ts';
import type { ThreadData } from './threads.ts';

const { sets, options } = workerData as ThreadData;
const match = blockMatcher(
  sets.map((files) => compile(files).ruleset),
  options,
);

parentPort!.on('message', (block: BlockBytes) => {
  const matched = match(block);
  parentPort!.postMessage(matched, buffersOf(matched));
});
