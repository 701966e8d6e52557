/** The people and systems that a story uses. A story is a pure function of these and of its start time. */
import type { Dice } from './dice.ts';
import type { Feeds } from './feeds.ts';
import type { Planned } from './planned.ts';
import type { Population } from './population.ts';

export type Cast = Population & { readonly dice: Dice; readonly feeds: Feeds };

/** @returns events in any order, none before `at` */
export type Story = (cast: Cast, at: number) => Planned[];
