/** Reviews by due time: a binary heap. Moved and removed reviews stay in it until they reach the top. */
import { compareReviews, type Review, type ReviewPlace } from '../../runtime/correlate/ports.ts';

type Slot = { readonly key: string; readonly review: Review; readonly at: number };

const isBefore = (a: Slot, b: Slot): boolean => compareReviews(a.review, b.review) < 0;

/** Identifies a review, whatever its due time. */
export type ReviewName = Omit<Review, 'dueMs'>;

const keyOf = (review: ReviewName): string => `${review.shape}${review.groupHash}`;

export class ReviewQueue {
  readonly #heap: Slot[] = [];
  readonly #current = new Map<string, Slot>();

  /** Makes the review due at that time, earlier or later than before. */
  set(review: ReviewName, at: number): void {
    const slot: Slot = { key: keyOf(review), review: { ...review, dueMs: at }, at };
    if (this.#current.get(slot.key)?.at === at) return;
    this.#current.set(slot.key, slot);
    this.#push(slot);
  }

  /** Makes the review due at that time, unless it is due earlier. */
  pull(review: ReviewName, at: number): void {
    const known = this.#current.get(keyOf(review));
    if (known === undefined || at < known.at) this.set(review, at);
  }

  remove(review: ReviewName): void {
    this.#current.delete(keyOf(review));
  }

  /** Removes the review if it is still due at that time. */
  dismiss(review: Review): void {
    if (this.#current.get(keyOf(review))?.at === review.dueMs) this.remove(review);
  }

  /** The reviews due at the clock, in order, and behind `after`. They stay in the queue until set or removed. */
  due(clockMs: number, max: number, after?: ReviewPlace): Review[] {
    const seen: Slot[] = [];
    const found: Review[] = [];
    while (found.length < max && this.#heap.length > 0 && this.#heap[0]!.at <= clockMs) {
      const slot = this.#pop();
      if (this.#current.get(slot.key) !== slot) continue;
      seen.push(slot);
      if (after === undefined || compareReviews(slot.review, after) > 0) found.push(slot.review);
    }
    for (const slot of seen) this.#push(slot);
    return found;
  }

  #push(slot: Slot): void {
    const heap = this.#heap;
    let at = heap.push(slot) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(slot, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = slot;
  }

  #pop(): Slot {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
