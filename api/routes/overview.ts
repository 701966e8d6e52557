/** `GET /v1/overview`: the state of the installation in a few numbers, for the console and other readers without Prometheus. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { z } from 'zod';
import { limits } from '../../engine/core/limits.ts';
import type { AlertCounts } from '../../engine/core/alert/counts.ts';
import { levels, type Level } from '../../engine/core/rule.ts';
import type { TriageStore } from '../../engine/runtime/alert/triage.ts';
import type { SiemQueue } from '../../engine/runtime/deliver/siem-queue.ts';
import type { InstallationState } from '../../engine/runtime/metering/installation.ts';
import type { RulesService } from '../../engine/runtime/rules/service.ts';
import { overview } from '../schemas/overview.ts';
import { problems } from '../schemas/problem.ts';

export type OverviewParts = {
  /** How far the workers are, over the whole installation. */
  readonly backlog: () => Promise<Pick<InstallationState, 'nowMs' | 'shards' | 'outbox'>>;
  readonly siem: Pick<SiemQueue, 'depth'>;
  readonly rules: Pick<RulesService, 'list'>;
  readonly triage: Pick<TriageStore, 'counts'>;
  readonly now: () => number;
};

type Overview = z.output<typeof overview>;

export const overviewRoutes =
  (parts: OverviewParts): FastifyPluginAsyncZod =>
  async (app) => {
    const read = shared(() => readOverview(parts), parts.now);
    app.get(
      '/v1/overview',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'overview',
          summary: 'Get the overview: events, lag, queue, unclosed alerts',
          tags: ['operations'],
          response: { 200: overview, ...problems(503) },
        },
      },
      read,
    );
  };

async function readOverview({ backlog, siem, rules, triage }: OverviewParts): Promise<Overview> {
  const [{ nowMs, shards, outbox }, depth, unclosed] = await Promise.all([backlog(), siem.depth(), unclosedBy({ rules, triage })]);
  const sum = (of: 'accepted' | 'processed' | 'dead' | 'pendingEvents'): number => shards.reduce((total, shard) => total + shard[of], 0);
  const clockMs = Math.min(nowMs, ...shards.map((shard) => shard.clockMs));
  return {
    at: new Date(nowMs).toISOString(),
    lag_seconds: Math.max(0, nowMs - clockMs) / 1000,
    events: { accepted: sum('accepted'), processed: sum('processed'), dead_lettered: sum('dead'), pending: sum('pendingEvents') },
    outbox,
    siem: depth,
    unclosed,
  };
}

async function unclosedBy({ rules, triage }: Pick<OverviewParts, 'rules' | 'triage'>): Promise<Record<Level, number>> {
  const running = (await rules.list()).rules.filter(({ status }) => status !== 'shadow');
  const counts: readonly AlertCounts[] = await triage.counts(running.map(({ id }) => id));
  const found = Object.fromEntries(levels.map((level) => [level, 0])) as Record<Level, number>;
  running.forEach(({ level }, i) => (found[level] += (counts[i]?.status.open ?? 0) + (counts[i]?.status.acknowledged ?? 0)));
  return found;
}

/** Shares one reading among all requests made while it runs and for a short time afterwards. */
function shared<T>(read: () => Promise<T>, now: () => number): () => Promise<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | undefined;
  return () => {
    if (last !== undefined && now() - last.at < limits.overviewAgeMsMax) return last.value;
    const mine = { at: now(), value: read() };
    last = mine;
    mine.value.catch(() => void (last = last === mine ? undefined : last));
    return mine.value;
  };
}
