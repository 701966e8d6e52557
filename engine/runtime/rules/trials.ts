/**
 * Runs trials in one thread beside the engine, one after another. A trial that takes too long, or whose client goes away,
 * ends with its thread, because code that does not yield cannot be stopped otherwise; the next one starts a new thread.
 * The thread's heap is bounded, so that a trial that needs more fails alone.
 *
 * A request takes a seat before its body is read and keeps it to its end: so the bodies of waiting trials are bounded, too.
 */
import { Worker } from 'node:worker_threads';
import { sourceOf } from '../../compile/index.ts';
import { limits } from '../../core/limits.ts';
import type { Loaded } from './reload.ts';
import type { FromThread, ToThread } from './trial-thread.ts';
import type { TrialOutcome, TrialTask } from './trial.ts';

export type RuleTrials = {
  /** Undefined if all seats are taken. */
  take(): TrialSeat | undefined;
};

export type TrialSeat = {
  /** @param signal ends the trial, with the outcome `gone`   @throws what the thread threw, which is a bug */
  run(task: TrialTask, signal: AbortSignal): Promise<TrialOutcome>;
  /** Gives the seat back, once, however often it is called. */
  release(): void;
};

export type TrialsDeps = {
  /** The file that the thread runs: it calls serveTrials(). */
  readonly thread: URL;
  /** The running rules. */
  readonly current: () => Loaded;
  readonly latenessMs: number;
  /** How long a trial may run. Starting the thread and loading the running rules do not count: no client chose them. */
  readonly msMax?: number;
  readonly heapBytesMax?: number;
};

type Job = PromiseWithResolvers<TrialOutcome> & { readonly task: TrialTask; readonly signal: AbortSignal };

export function openTrials(deps: TrialsDeps): RuleTrials & AsyncDisposable {
  const { thread, current, latenessMs, msMax = limits.trialMsMax, heapBytesMax = limits.trialHeapBytesMax } = deps;
  const waiting: Job[] = [];
  let seats = 0;
  let busy = false;
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;

  async function stop(): Promise<void> {
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  }

  async function runNext(): Promise<void> {
    if (busy) return;
    busy = true;
    clearTimeout(idle);
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      if (job.signal.aborted) job.resolve({ kind: 'gone' });
      else await runJob(job).then(job.resolve, job.reject);
    }
    busy = false;
    idle = setTimeout(() => void stop(), limits.trialIdleMs).unref();
  }

  async function runJob(job: Job): Promise<TrialOutcome> {
    worker ??= openWorker(thread, heapBytesMax, (ended) => void (worker = worker === ended ? undefined : worker));
    let outcome: TrialOutcome | undefined;
    try {
      return (outcome = await runIn(worker, job, current(), { latenessMs, msMax }));
    } finally {
      // Whatever else a trial ended by, its thread may still be at it.
      const finished = outcome?.kind === 'answer' || outcome?.kind === 'invalid';
      if (!finished) await stop();
    }
  }

  return {
    take() {
      if (seats >= limits.trialSeatsMax) return undefined;
      seats += 1;
      let held = true;
      return {
        run(task, signal) {
          const job: Job = { ...Promise.withResolvers<TrialOutcome>(), task, signal };
          waiting.push(job);
          void runNext();
          return job.promise;
        },
        release() {
          if (held) seats -= 1;
          held = false;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle);
      for (const job of waiting.splice(0)) job.resolve({ kind: 'gone' });
      await stop();
    },
  };
}

/** Runs a trial in the thread, up to its outcome or the first of its bounds. */
async function runIn(
  worker: Worker,
  { task, signal }: Job,
  { ruleset, problems }: Loaded,
  { latenessMs, msMax }: { readonly latenessMs: number; readonly msMax: number },
): Promise<TrialOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<TrialOutcome>();
  const say = (message: ToThread): void => worker.postMessage(message, []);
  const onTime = (): void => resolve({ kind: 'stopped', bound: 'time' });
  const onGone = (): void => resolve({ kind: 'gone' });
  let timer: NodeJS.Timeout | undefined;
  const onMessage = (message: FromThread): void => {
    if (message.kind === 'outcome') return resolve(message.outcome);
    clearTimeout(timer);
    if (message.kind === 'rules-wanted') say({ kind: 'rules', source: sourceOf(ruleset), problems });
    else timer = setTimeout(onTime, msMax);
  };
  const onError = (fault: Error & { code?: string }): void => {
    if (fault.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve({ kind: 'stopped', bound: 'memory' });
    else reject(fault);
  };
  const onExit = (code: number): void => reject(new Error(`the thread of a trial ended with ${code}`));
  worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  signal.addEventListener('abort', onGone, { once: true });
  try {
    say({ kind: 'run', task, hash: ruleset.hash, latenessMs });
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onGone);
    worker.off('message', onMessage).off('error', onError).off('exit', onExit);
  }
}

/** It does not keep the process alive: the listener does. @param onExit called when it has ended, for whatever reason */
function openWorker(thread: URL, heapBytesMax: number, onExit: (worker: Worker) => void): Worker {
  const MiB = 1024 * 1024;
  const resourceLimits = { maxOldGenerationSizeMb: heapBytesMax / MiB, maxYoungGenerationSizeMb: 32 };
  const worker = new Worker(thread, { resourceLimits });
  // Between trials nobody else listens.
  worker.on('error', () => undefined).on('exit', () => onExit(worker));
  worker.unref();
  return worker;
}
