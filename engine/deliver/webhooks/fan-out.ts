/**
 * Queues each alert for every webhook target whose filter it matches. If a target's queue is full, the delivery is
 * dropped and counted: a target that cannot keep up, or is down for long, must not fill Redis.
 *
 * Called by forwarding for new alerts, and by triage for closed and reopened ones (engine/runtime/deliver/closings.ts).
 * Calling it again is harmless.
 */
import { alertIdShape } from '../../core/alert/query.ts';
import type { Alert } from '../../core/alert/alert.ts';
import type { Turn } from '../../core/alert/triage.ts';
import { limits } from '../../core/limits.ts';
import { eventOfTurn, wants, type WebhookEvent } from '../../core/deliver/target.ts';
import { silent, type Meter } from '../../runtime/metering/meter.ts';
import type { FanOut, WebhookTargets } from '../../runtime/deliver/ports.ts';
import type { WebhookQueues } from './queues.ts';

export type FanOutDeps = {
  readonly targets: Pick<WebhookTargets, 'current'>;
  readonly queues: Pick<WebhookQueues, 'waiting' | 'add'>;
  readonly meter?: Pick<Meter, 'addTo'>;
  readonly waitingMax?: number;
};

type Answer = 'notified' | 'unwanted' | Error;

export function fanOut({ targets, queues, meter = silent, waitingMax = limits.webhookWaitingMax }: FanOutDeps): FanOut {
  async function add(alerts: readonly Alert[], event: WebhookEvent, turns?: readonly Turn[]): Promise<Answer[]> {
    const answers = alerts.map(({ id }): Answer => (alertIdShape.test(id) ? 'unwanted' : new Error('not an alert id')));
    const live = (await targets.current()).filter(({ disabled }) => disabled === undefined);
    await Promise.all(
      live.map(async (target) => {
        const wanted = alerts.flatMap((alert, i) => (answers[i] instanceof Error || !wants(target, alert, event) ? [] : [i]));
        if (wanted.length === 0) return;
        try {
          const room = Math.max(0, waitingMax - (await queues.waiting(target.id)));
          const enter = wanted.slice(0, room);
          if (enter.length > 0) {
            await queues.add(
              target.id,
              enter.map((i) => ({ id: alerts[i]!.id, level: alerts[i]!.rule.level, turn: turns?.[i] })),
              event,
            );
          }
          for (const i of wanted) if (!(answers[i] instanceof Error)) answers[i] = 'notified';
          if (wanted.length > room) meter.addTo('webhooks', 'dropped', wanted.length - enter.length);
        } catch (error) {
          for (const i of wanted) answers[i] = error as Error;
        }
      }),
    );
    return answers;
  }

  return {
    add: (alerts, event) => add(alerts, event),
    async addTurns(turned) {
      const answers: Answer[] = turned.map(() => 'unwanted');
      // Turn by turn: none may be queued before an earlier one of its alert.
      for (const turn of [...new Set(turned.map((one) => one.turn.turn))].toSorted((a, b) => a - b)) {
        const own = turned.flatMap((one, i) => (one.turn.turn === turn ? [i] : []));
        const some = await add(
          own.map((i) => turned[i]!.alert),
          eventOfTurn(turn),
          own.map((i) => turned[i]!.turn),
        );
        own.forEach((i, at) => (answers[i] = some[at]!));
      }
      return answers;
    },
  };
}
