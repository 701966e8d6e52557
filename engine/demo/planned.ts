/** The building block of stories: an event as its source writes it, and when it happened. */
import type { JsonObject } from '../core/event.ts';

export type Planned = {
  /** Event time, epoch ms. */
  readonly at: number;
  /** Unique over all feeds, as the feed's mapping reads it. */
  readonly id: string;
  readonly event: JsonObject;
};

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
