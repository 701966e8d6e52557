/** The options that `generate` and `demo` share: which traffic, and how much of it. */
import { limits } from '../../core/limits.ts';
import { eventsLeast } from '../../demo/generate.ts';
import { usageError } from '../args.ts';

export const trafficOptions = { seed: { type: 'string' }, events: { type: 'string' } } as const;
const trafficDefaults = { seed: 1, events: 100_000 } as const;

type Given = { readonly seed?: string | undefined; readonly events?: string | undefined };

/** @throws WeirError (2) */
export const readTraffic = (command: string, { seed, events }: Given): { readonly seed: number; readonly events: number } => ({
  seed: wholeNumber(command, 'seed', seed, trafficDefaults.seed, 0, Number.MAX_SAFE_INTEGER),
  events: wholeNumber(command, 'events', events, trafficDefaults.events, eventsLeast, limits.generatedEventsMax),
});

/** @throws WeirError (2) */
export function wholeNumber(
  command: string,
  option: string,
  text: string | undefined,
  byDefault: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return byDefault;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw usageError(command, `--${option} takes a whole number from ${min} to ${max}, not '${text}'`);
}
