/** Evaluates the logs whose review is due, and drops the reviews that no process needs any more. */
import { logTarget } from '../../core/correlate/target.ts';
import { limits } from '../../core/limits.ts';
import type { Rule } from '../../core/rule.ts';
import { judgeLogs, type JudgeDeps, type Look } from '../alert/judge-logs.ts';
import type { Review, WindowStore } from '../correlate/ports.ts';
import { reviewRounds } from './review-rounds.ts';

export type Reviewer = {
  /** The store, whose commits announce the reviews that they set. */
  readonly windows: WindowStore;
  /** @param upToMs due time up to which reviews are due   @returns how many there were; less than `max`: that was all */
  review(deps: JudgeDeps, upToMs: number, max: number, look: Look): Promise<number>;
};

/** @param byShape the rules that run here */
export function reviewer(store: WindowStore, byShape: ReadonlyMap<string, Rule>): Reviewer {
  const rounds = reviewRounds(store);
  /** Shapes of orphans, and when each of them was met first. */
  const met = new Map<string, number>();

  async function commit(commits: Parameters<WindowStore['commit']>[0]): ReturnType<WindowStore['commit']> {
    const answers = await store.commit(commits);
    for (const { reviewAt } of commits) if (reviewAt !== undefined) rounds.expect(reviewAt);
    return answers;
  }
  const windows: WindowStore = { ...store, commit };

  /** The orphans that have been left to other processes for long enough. */
  function abandoned(due: readonly Review[], clockMs: number, nowMs: number): readonly Review[] {
    return due.filter(({ shape, dueMs }) => {
      if (byShape.has(shape)) return false;
      const since = met.get(shape) ?? nowMs;
      met.set(shape, since);
      return clockMs - dueMs > limits.orphanReviewMs && nowMs - since >= limits.orphanMetMs;
    });
  }

  return {
    windows,
    review: (deps, upToMs, max, look) =>
      rounds.page(upToMs, max, performance.now(), async (due) => {
        const gone = abandoned(due, look.moment.clock.ms, performance.now());
        if (gone.length > 0) await store.dismiss(gone);
        const logs = due.flatMap((one) => targetOf(one, byShape));
        if (logs.length === 0) return gone.length;
        const counted = countingCommits(windows);
        await judgeLogs({ ...deps, windows: counted.windows }, 'review', await store.read(logs), look);
        return gone.length + counted.done();
      }),
  };
}

function targetOf({ shape, group, groupHash }: Review, byShape: ReadonlyMap<string, Rule>) {
  const rule = byShape.get(shape);
  return rule === undefined ? [] : [logTarget(rule, group, groupHash)];
}

/** Counts the commits that were done: a log whose rule throws has none. */
function countingCommits(store: WindowStore): { readonly windows: WindowStore; readonly done: () => number } {
  let done = 0;
  return {
    done: () => done,
    windows: {
      ...store,
      async commit(commits) {
        const answers = await store.commit(commits);
        done += answers.filter((answer) => answer === 'done').length;
        return answers;
      },
    },
  };
}
