/** Alerts → SIEM queue, and the mark in the store that says so: for new alerts (stages/queue.ts) and for waiting ones (promote.ts). */
import type { Candidate } from './ports.ts';
import type { ForwardPorts } from './stage.ts';

/** Gives for each alert that it is in the queue, or why not. @throws when nothing could be added, or not be marked */
export async function enqueue(
  { siem, store, meter, now }: Pick<ForwardPorts, 'siem' | 'store' | 'meter' | 'now'>,
  alerts: readonly Candidate[],
): Promise<readonly (true | Error)[]> {
  if (alerts.length === 0) return [];
  const answers = await siem.add(alerts);
  const queued = alerts.filter((_, i) => answers[i] === true);
  const nowMs = now();
  await store.markQueued(
    queued.map(({ id }) => id),
    nowMs,
  );
  for (const { level, createdMs } of queued) {
    meter.addTo('queued', level);
    meter.forwardDelay((nowMs - createdMs) / 1000);
  }
  return answers;
}
