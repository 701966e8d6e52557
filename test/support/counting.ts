/** A meter that adds up counters: plain ones by name, labelled ones by `name label`. */
import { silent, type Meter } from '../../engine/runtime/metering/meter.ts';

export type Counting = { readonly meter: Meter; readonly counted: Record<string, number> };

export function countingMeter(): Counting {
  const counted: Record<string, number> = {};
  const count = (name: string, by: number): void => void (counted[name] = (counted[name] ?? 0) + by);
  const meter: Meter = {
    ...silent,
    add: (name, by = 1) => count(name, by),
    addTo: (name, label, by = 1) => count(`${name} ${label}`, by),
  };
  return { meter, counted };
}
