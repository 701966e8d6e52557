/** Everybody and everything a story plays with. A story is a pure function of these and of the time at which it begins. */
import type { Dice } from './dice.ts';
import type { Feeds } from './feeds.ts';
import type { Planned } from './planned.ts';
import type { Population } from './population.ts';

export type Cast = Population & { readonly dice: Dice; readonly feeds: Feeds };

/** @returns its events, in any order, none before `at` */
export type Story = (cast: Cast, at: number) => Planned[];
