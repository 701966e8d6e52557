/**
 * Counters whose label values come from the running rules: they come and go with them. At most `max` have series of
 * their own, in order; the rest are added up as `other`, so that a folder of thousands of rules does not make
 * thousands of series. The numbers are kept by whoever counts; here they are shown, at each scrape.
 */
import { Counter, type Registry } from 'prom-client';

/** name: [metric, help] */
type Facts<Fact extends string> = Readonly<Record<Fact, readonly [name: string, help: string]>>;
type Totals<Fact extends string> = Readonly<Record<Fact, number>>;

export type KeyedSeries<Fact extends string> = {
  /** @param others counted without a key of their own; undefined: there is `other` only where there are too many keys */
  show(totals: ReadonlyMap<string, Totals<Fact>>, others?: Totals<Fact>): void;
};

export function keyedSeries<Fact extends string>(registry: Registry, label: string, facts: Facts<Fact>, max: number): KeyedSeries<Fact> {
  const names = Object.keys(facts) as Fact[];
  const counters = new Map(
    names.map((fact) => {
      const [name, help] = facts[fact];
      return [fact, new Counter({ name, help, labelNames: [label], registers: [registry] })];
    }),
  );

  return {
    show(totals, others) {
      const shown = [...totals].slice(0, max);
      const rest = [...totals.values()].slice(max);
      if (others !== undefined) rest.push(others);
      for (const [fact, counter] of counters) {
        counter.reset();
        for (const [key, each] of shown) counter.inc({ [label]: key }, each[fact]);
        if (rest.length === 0) continue;
        counter.inc(
          { [label]: 'other' },
          rest.reduce((sum, each) => sum + each[fact], 0),
        );
      }
    },
  };
}
