/**
 * Tells the log who was refused and why, a bounded number of lines a minute: whoever is refused must not be able to
 * fill a disk. Nothing of what the client sent goes in but its address and the method; the route is our own pattern.
 */
import type { FastifyRequest } from 'fastify';
import { limits } from '../../engine/core/limits.ts';

/** `who`: what the audit log calls whoever asks; undefined: it is not known. The request's id stands in each of its lines. */
export type RefusalLog = (request: FastifyRequest, status: number, reason: string, who: string | undefined) => void;

/** @param now epoch ms */
export function refusalLog(now: () => number): RefusalLog {
  let minute = -1;
  let lines = 0;
  return (request, status, reason, who) => {
    const current = Math.floor(now() / 60_000);
    if (current !== minute) [minute, lines] = [current, 0];
    lines += 1;
    if (lines > limits.refusalsLoggedPerMinuteMax) return;
    const { method, ip: from } = request;
    const more = lines === limits.refusalsLoggedPerMinuteMax ? { further: 'only counted until the minute is over' } : {};
    request.log.warn({ status, reason, method, route: request.routeOptions.url, who, from, ...more }, 'request refused');
  };
}
