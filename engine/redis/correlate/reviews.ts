/** The reviews of window logs: a sorted set for each partition, by due time. Commits write them (scripts/commit.lua). */
import { compareReviews, type Review, type ReviewPlace, type WindowStore } from '../../runtime/correlate/ports.ts';
import { command, script } from '../commands/call.ts';
import type { Commands } from '../commands.ts';
import { keys, partitionOf } from '../keys.ts';

/** What names a review in Redis: enough to find its log again without an event. */
export const reviewText = ({ shape, groupHash, group }: Omit<Review, 'dueMs'>): string => JSON.stringify([shape, groupHash, group]);

export function redisReviews(redis: Commands, partitions: number): Pick<WindowStore, 'due' | 'dismiss'> {
  async function due(clockMs: number, max: number, after?: ReviewPlace): Promise<Review[]> {
    const from = score(after?.dueMs ?? -Infinity);
    const range = (p: number, skipped: number) =>
      command('zrangebyscore', keys.reviews(p), from, score(clockMs), 'WITHSCORES', 'LIMIT', skipped, max);
    const isAfter = (review: Review): boolean => after === undefined || compareReviews(review, after) > 0;
    const firstPages = await redis.send<string[]>(Array.from({ length: partitions }, (_, p) => range(p, 0)));
    const found = await Promise.all(
      firstPages.map(async (first, p) => {
        let page = parseReviews(first);
        const kept = page.filter(isAfter);
        // Where many are due at the very time of `after`, the first page may hold only those before it.
        for (let skipped = max; page.length === max && kept.length < max; skipped += max) {
          page = (await redis.send<string[]>([range(p, skipped)])).flatMap(parseReviews);
          kept.push(...page.filter(isAfter));
        }
        return kept;
      }),
    );
    return found.flat().sort(compareReviews).slice(0, max);
  }

  async function dismiss(reviews: readonly Review[]): Promise<void> {
    const reviewsOf = ({ groupHash }: Review): string => keys.reviews(partitionOf(groupHash, partitions));
    await redis.send(reviews.map((review) => script('review-dismiss', [reviewsOf(review)], [reviewText(review), review.dueMs])));
  }

  return { due, dismiss };
}

/** A due time as sorted sets take it. */
const score = (ms: number): string => (Math.abs(ms) === Infinity ? (ms > 0 ? '+inf' : '-inf') : String(ms));

/** Members and scores in turn. */
function parseReviews(answer: readonly string[]): Review[] {
  const found: Review[] = [];
  for (let i = 0; i < answer.length; i += 2) {
    const [shape, groupHash, group] = JSON.parse(answer[i]!) as [string, string, string[]];
    found.push({ shape, groupHash, group, dueMs: Number(answer[i + 1]) });
  }
  return found;
}
