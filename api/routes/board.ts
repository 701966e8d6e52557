/**
 * bull-board for the SIEM queue, read-only: `/admin/queues`, off by default (WEIR_BOARD).
 *
 * Read-only is enforced twice: the board runs in its read-only mode, and only GET reaches it. Its page tries to fetch a
 * font from another host; the content security policy blocks everything not served here. access/gate.ts checks the key.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyPluginAsync } from 'fastify';
import { boardPath } from '../access/access.ts';
import { HttpProblem, sendProblem } from '../http/problem.ts';

/** A BullMQ queue. */
export type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; form-action 'none'";

export const board =
  (queue: BoardQueue): FastifyPluginAsync =>
  async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      void reply.header('content-security-policy', policy);
      if (request.method === 'GET' || request.method === 'HEAD') return;
      return sendProblem(request, reply, new HttpProblem(405, 'method-not-allowed', 'the queue board is read-only', {}, { allow: 'GET' }));
    });
    const adapter = new FastifyAdapter();
    adapter.setBasePath(boardPath);
    createBullBoard({ queues: [new BullMQAdapter(queue, { readOnlyMode: true })], serverAdapter: adapter });
    await app.register(adapter.registerPlugin(), { prefix: boardPath, logLevel: 'warn' });
  };
