/** `PATCH /v1/alerts/:id`: triage of one alert (engine/core/alert/triage.ts). Of many: bulk-triage.ts. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { overwrites, type TriageChange } from '../../engine/core/alert/triage.ts';
import { notifyTurned } from '../../engine/runtime/deliver/closings.ts';
import type { Audit } from '../../engine/runtime/access/audit.ts';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import type { TriageAnswer, TriageStore } from '../../engine/runtime/alert/triage.ts';
import type { FanOut } from '../../engine/runtime/deliver/ports.ts';
import { readIfMatch, tagOf } from '../http/if-match.ts';
import { HttpProblem } from '../http/problem.ts';
import { alertWithHistory } from '../schemas/alert.ts';
import { problems } from '../schemas/problem.ts';
import { triageChange } from '../schemas/triage.ts';

export type TriageParts = {
  readonly triage: TriageStore;
  readonly fanOut: FanOut;
  readonly audit: Audit;
  readonly meter: Meter;
  readonly now: () => number;
};

export const triageRoutes =
  (parts: TriageParts): FastifyPluginAsyncZod =>
  async (app) => {
    const { triage, audit, meter } = parts;

    app.patch(
      '/v1/alerts/:id',
      {
        config: { scope: 'triage' },
        schema: {
          operationId: 'triageAlert',
          summary: 'Triage an alert: status, assignee, verdict, note',
          description:
            'If-Match must be the ETag of the alert as last seen (its revision, "0" before the first change), so that nobody overwrites an unseen change; * overwrites any. A note alone needs no If-Match. Repeating a successful change answers 200 and adds nothing.',
          tags: ['alerts'],
          params: z.strictObject({ id: z.string().max(256) }),
          headers: z.looseObject({ 'if-match': z.string().optional().describe('The ETag, such as "3", or *') }),
          body: triageChange,
          response: { 200: alertWithHistory, ...problems(400, 404, 412, 415, 428, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { who, body } = request;
        const seen = readIfMatch(request.headers['if-match']);
        if (seen === undefined && overwrites(body)) throw revisionRequired();
        const by = { who, at: new Date(parts.now()).toISOString() };
        const [answer] = await triage.triage([{ id, change: body, by, revision: seen === 'any' ? undefined : seen }]);
        meter.addTo('triaged', answer!.kind);
        const { kind, alert } = settled(id, answer!);
        // A repeat is audited too: the change may have succeeded before while its audit entry failed.
        const repeated = kind === 'unchanged' ? { repeated: true } : {};
        await audit({ who, action: 'alert.triage', subject: id, detail: { ...auditDetail(body), ...repeated } });
        await notifyTurned(parts, body, [answer!]);
        const { entries, dropped } = await triage.history(id);
        reply.header('etag', tagOf(alert.revision));
        return { ...alert, history: [...entries], history_dropped: dropped } as z.output<typeof alertWithHistory>;
      },
    );
  };

/** Characters of a note that the audit log repeats; the history has all of it. */
const auditedNoteMax = 200;

/** A change as the audit log records it. */
export const auditDetail = ({ note, ...change }: TriageChange) => ({
  ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  ...(note === undefined ? {} : { note: note.slice(0, auditedNoteMax) }),
});

/** @throws HttpProblem if the change was not made */
function settled(id: string, answer: TriageAnswer): Extract<TriageAnswer, { alert: unknown }> & { kind: 'changed' | 'unchanged' } {
  switch (answer.kind) {
    case 'changed':
    case 'unchanged':
      return answer;
    case 'conflict': {
      const { revision = 0, status, assignee = null, verdict = null } = answer.alert;
      const now = { revision, status, assignee, verdict };
      throw new HttpProblem(
        412,
        'alert-changed',
        'the alert has been changed by somebody else; look at it again',
        { now },
        { etag: tagOf(revision) },
      );
    }
    case 'refused':
      throw new HttpProblem(
        400,
        'verdict-required',
        'a closed alert must have a verdict: true_positive, false_positive, benign or duplicate',
        {
          errors: [{ pointer: '/body/verdict', detail: 'is required to close an alert, and cannot be removed while it is closed' }],
        },
      );
    default:
      throw new HttpProblem(404, 'no-such-alert', `no alert with the id ${JSON.stringify(id)}`);
  }
}

const revisionRequired = (): HttpProblem =>
  new HttpProblem(
    428,
    'revision-required',
    'this change requires If-Match: the ETag of the alert as last seen, or * to overwrite any change',
    {
      errors: [{ pointer: '/headers/if-match', detail: 'is missing' }],
    },
  );
