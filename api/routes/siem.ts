/** The SIEM queue for pulling consumers: depth, lease, ack, nack. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { z } from 'zod';
import type { SiemQueue } from '../../engine/runtime/deliver/siem-queue.ts';
import { problems } from '../schemas/problem.ts';
import { leaseAnswer, leaseRequest, settleAnswer, settleRequest, siemDepth } from '../schemas/siem.ts';

export const siemRoutes =
  (queue: Pick<SiemQueue, 'depth' | 'lease' | 'ack' | 'nack'>): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['siem'];

    app.get(
      '/v1/siem',
      {
        config: { scope: 'read' },
        schema: { operationId: 'siemDepth', summary: 'Get the queue depth by level', tags, response: { 200: siemDepth, ...problems(503) } },
      },
      async () => queue.depth(),
    );

    app.post(
      '/v1/siem/lease',
      {
        config: { scope: 'siem' },
        schema: {
          operationId: 'siemLease',
          summary: 'Lease alerts, most urgent first',
          tags,
          body: leaseRequest,
          response: { 200: leaseAnswer, ...problems(400, 415, 503) },
        },
      },
      async (request) => {
        const { max = 10, seconds = 60 } = request.body ?? {};
        const leases = await queue.lease({ max, seconds });
        // A client that has gone never learns what it holds: without this, its alerts would wait for the leases to end.
        if (request.raw.socket.destroyed && leases.length > 0) await queue.nack(leases.map(({ lease }) => lease));
        return { leases: [...leases] } as z.output<typeof leaseAnswer>;
      },
    );

    for (const verb of ['ack', 'nack'] as const) {
      app.post(
        `/v1/siem/${verb}`,
        {
          config: { scope: 'siem' },
          schema: {
            operationId: `siem${verb === 'ack' ? 'Ack' : 'Nack'}`,
            summary: verb === 'ack' ? 'Acknowledge leased alerts as delivered' : 'Return leased alerts to the queue',
            tags,
            body: settleRequest,
            response: { 200: settleAnswer, ...problems(400, 415, 503) },
          },
        },
        async (request) => {
          const { done, expired } = await queue[verb](request.body.leases);
          return { done: [...done], expired: [...expired] };
        },
      );
    }
  };
