/** Adds the cost of rules in this process to the cost over all workers, in Redis: at intervals, and when it is closed. */
import { limits } from '../core/limits.ts';
import { spending } from '../runtime/metering/rule-costs.ts';
import type { Faults } from './faults.ts';
import type { Foundation } from './foundation.ts';

export function startCostReports({ redis, stores, metrics }: Foundation, { unlessOutage }: Faults): AsyncDisposable {
  const spent = spending(metrics.meter.ruleTotals);
  const costs = stores.ruleCosts();
  const report = (): Promise<void> => costs.report(spent()).catch((fault: unknown) => unlessOutage('costs', fault));
  const timer = setInterval(() => void report(), limits.costTellMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      if (redis.status === 'ready') await report();
    },
  };
}
