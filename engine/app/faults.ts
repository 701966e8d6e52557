/** Logs the faults of a running engine, except outages of Redis: the connection reports those (connection.ts). */
import type { Logger } from 'pino';
import { isOutage } from '../redis/errors.ts';

export type Faults = {
  isOutage(fault: unknown): boolean;
  onFault(what: string, fault: unknown): void;
  /** Logs the fault unless it is an outage. */
  unlessOutage(what: string, fault: unknown): void;
};

export function faultsIn(log: Pick<Logger, 'error'>): Faults {
  const onFault = (what: string, fault: unknown): void => log.error({ err: fault }, what);
  return { isOutage, onFault, unlessOutage: (what, fault) => void (isOutage(fault) || onFault(what, fault)) };
}
