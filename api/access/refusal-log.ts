/**
 * Rate-limited log of refused requests, so that a client cannot fill the disk. Of the request it contains the address and
 * the method alone; the route is our own pattern.
 */
import type { FastifyRequest } from 'fastify';
import { limits } from '../../engine/core/limits.ts';

/** `who`: the client's name as in the audit log; undefined if unknown. Each line has the request's id. */
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
    const more = lines === limits.refusalsLoggedPerMinuteMax ? { further: 'not logged until the next minute, only counted' } : {};
    request.log.warn({ status, reason, method, route: request.routeOptions.url, who, from, ...more }, 'request refused');
  };
}
