/** Faults of a running engine. The connection reports an outage of Redis (connection.ts); everything else goes into the log. */
import type { Logger } from 'pino';
import { refusalOfError } from '../redis/errors.ts';

export type Faults = {
  isOutage(fault: unknown): boolean;
  onFault(what: string, fault: unknown): void;
  /** Logs a fault that is no outage. */
  unlessOutage(what: string, fault: unknown): void;
};

export function faultsIn(log: Pick<Logger, 'error'>): Faults {
  const isOutage = (fault: unknown): boolean => refusalOfError(fault) !== undefined;
  const onFault = (what: string, fault: unknown): void => log.error({ err: fault }, what);
  return { isOutage, onFault, unlessOutage: (what, fault) => void (isOutage(fault) || onFault(what, fault)) };
}
