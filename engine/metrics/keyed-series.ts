/**
 * Counters whose label values come from the running rules, and appear and disappear with them. The first `max` values get
 * their own series; the rest are summed up as `other`, so that thousands of rules do not create thousands of series.
 * The caller keeps the numbers; this sets the series from them at each scrape.
 */
import { Counter, type Registry } from 'prom-client';

/** name: [metric, help] */
type Facts<Fact extends string> = Readonly<Record<Fact, readonly [name: string, help: string]>>;
type Totals<Fact extends string> = Readonly<Record<Fact, number>>;

export type KeyedSeries<Fact extends string> = {
  /** @param others counts without a key of their own; if undefined, `other` exists only when there are more than `max` keys */
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
