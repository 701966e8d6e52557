/** `GET /v1/alerts/stream`: changes of alerts as Server-Sent Events, live (api/stream/). */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { limits } from '../../engine/core/limits.ts';
import type { AlertFeed } from '../../engine/runtime/alert/changes.ts';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import { readFilters } from './alert-filter.ts';
import { HttpProblem } from '../http/problem.ts';
import { streamQuery } from '../schemas/alert.ts';
import { problems } from '../schemas/problem.ts';
import { openClient } from '../stream/client.ts';
import { openHub } from '../stream/hub.ts';
import { seats } from '../stream/seats.ts';
import { placeText, resetText, retryText, startAfter } from '../stream/text.ts';

export type StreamLimits = {
  readonly streamClientsMax: number;
  readonly streamClientsPerKeyMax: number;
  readonly streamClientBytesMax: number;
  readonly streamBeatMs: number;
};

export type StreamParts = { readonly feed: AlertFeed; readonly meter: Meter };

export const streamRoutes =
  ({ feed, meter }: StreamParts, bounds: Partial<StreamLimits> = {}): FastifyPluginAsyncZod =>
  async (app) => {
    const { streamClientsMax, streamClientsPerKeyMax, streamClientBytesMax, streamBeatMs } = { ...limits, ...bounds };
    const places = seats(streamClientsMax, streamClientsPerKeyMax);
    const onFault = (fault: unknown): void => app.log.warn({ err: fault }, 'cannot read the alert stream; retrying');
    const hub = openHub({ feed, beatMs: streamBeatMs, onFault });
    // Before the listener waits for its connections to end: streams never end by themselves.
    app.addHook('preClose', async () => hub.close());

    app.get(
      '/v1/alerts/stream',
      {
        config: { scope: 'read' },
        exposeHeadRoute: false,
        schema: {
          operationId: 'streamAlerts',
          summary: 'Stream new and changed alerts as Server-Sent Events',
          description:
            'Sends alert.created and alert.updated for alerts that match the filters now or did before the change, and reset when changes may have been missed. Send Last-Event-ID to continue after a lost connection.',
          tags: ['alerts'],
          querystring: streamQuery,
          headers: z.looseObject({ 'last-event-id': z.string().max(64).optional() }),
          response: { 200: z.string().describe('text/event-stream'), ...problems(400, 429, 503) },
        },
      },
      async (request, reply) => {
        const query = { ...readFilters(request.query, '/query'), limit: 1 };
        const leave = take(request.who, request.raw.socket);
        const start = await feed
          .ends()
          .then((ends) => startAfter(request.headers['last-event-id'], ends))
          .catch((error: unknown) => {
            leave();
            throw error;
          });
        reply.hijack();
        if (request.raw.socket.destroyed) return;
        meter.addTo('streams', 'opened');
        reply.raw.writeHead(200, {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          // Asks proxies not to buffer the answer.
          'x-accel-buffering': 'no',
          'x-request-id': request.id,
        });
        const client = openClient(reply.raw, {
          query,
          from: start.from,
          bytesMax: streamClientBytesMax,
          mayStay: () => request.mayStill(),
          onGone: (how) => {
            leave();
            meter.addTo('streams', how);
          },
        });
        client.lastIdSent = start.from;
        client.send(retryText + (start.reset === undefined ? placeText(start.from) : resetText(start.from, start.reset)));
        await hub.follow(client);
      },
    );

    function take(who: string, connection: Socket): () => void {
      try {
        return places.take(who, connection);
      } catch (error) {
        if (error instanceof HttpProblem) meter.addTo('streams', 'refused');
        throw error;
      }
    }
  };
