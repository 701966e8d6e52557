/** Reviews by due time: a binary heap. Moved and removed reviews stay in it until they reach the top. */
import type { Review } from '../../runtime/correlate/ports.ts';

type Slot = { readonly key: string; readonly review: Review; readonly at: number };

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

  /** The reviews due at the clock, the earliest first. They stay in the queue until set or removed. */
  due(clockMs: number, max: number): Review[] {
    const found: Slot[] = [];
    while (found.length < max && this.#heap.length > 0 && this.#heap[0]!.at <= clockMs) {
      const slot = this.#pop();
      if (this.#current.get(slot.key) === slot) found.push(slot);
    }
    for (const slot of found) this.#push(slot);
    return found.map((slot) => slot.review);
  }

  #push(slot: Slot): void {
    const heap = this.#heap;
    let at = heap.push(slot) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (heap[parent]!.at <= slot.at) break;
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
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child += 1;
      if (heap[child]!.at >= last.at) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
