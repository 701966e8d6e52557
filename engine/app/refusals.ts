/** Says in the log, once, and in a metric that Redis answers but refuses to work. */
import type { Logger } from 'pino';
import { watchRefusals, type RefusalWatch } from '../redis/refusal-watch.ts';
import type { Meter } from '../runtime/metering/meter.ts';

export function openRefusals(redisUrl: string, { log, meter }: { readonly log: Logger; readonly meter: Meter }): RefusalWatch {
  return watchRefusals(redisUrl, {
    onRefused: ({ code }) => meter.addTo('redisRefusals', code),
    onChange(refusing) {
      if (refusing === undefined) return log.info('Redis works again');
      const { code, text, hint } = refusing;
      log.warn({ code, err: text, ...(hint === undefined ? {} : { hint }) }, 'Redis refuses to work; retrying');
    },
  });
}
