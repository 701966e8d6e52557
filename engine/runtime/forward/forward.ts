/**
 * The forward stage, one batch: from the outbox to the alert store and the SIEM queue.
 *
 *     parse ─▶ budget ─▶ store (create-only) ─▶ admit ─┬─▶ SIEM queue ─▶ mark queued ─┬─▶ remove from the outbox
 *         │       └─▶ fold ──┘                  │      └─▶ waiting list ──────────────┤
 *         │                                     └─▶ webhook queues ─▶ mark told ──────┤
 *         └──▶ update ────────────────────────────────────────────────────────────────┘
 *
 * Each step may be repeated, and a step is begun only when the one before it is done. So whatever stops it, the next
 * pass over the same items, by whichever forwarder, ends in the same state: an alert leaves the outbox only when it
 * is in the queue or on the waiting list, and its webhooks are queued; what is marked is not queued again. What fails
 * alone stays in the outbox alone; the SIEM queue does not wait for webhooks.
 */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import { idOfPlace, placeOf, placeOfTime, timeOfPlace } from '../../core/alert/query.ts';
import { limits } from '../../core/limits.ts';
import type { Level } from '../../core/rule.ts';
import { admit, boundOf, levelsByUrgency } from '../../core/forward/admission.ts';
import { withinBudget, type Fold, type Known } from './budget.ts';
import type { AlertBudget, AlertStore, Candidate, OutboxItem, OutboxReader, Put, SiemIntake, WaitingList } from './ports.ts';
import type { Meter } from '../metering/meter.ts';
import { tell } from './notify.ts';
import type { FanOut } from '../deliver/ports.ts';

export type ForwardPorts = {
  readonly outbox: Pick<OutboxReader, 'remove'>;
  readonly store: Pick<AlertStore, 'put' | 'update' | 'markQueued' | 'markTold' | 'standing' | 'getMany'>;
  readonly budget: AlertBudget;
  readonly waiting: WaitingList;
  readonly siem: SiemIntake;
  /** Undefined: there are no webhooks. */
  readonly webhooks?: FanOut;
  readonly meter: Meter;
  /** Epoch ms. */
  readonly now: () => number;
  readonly siemMax: number;
};

/** An item that stays, and why. */
export type Failure = { readonly item: OutboxItem; readonly error: Error };

type Change = { readonly item: OutboxItem; readonly update: AlertUpdate };

/**
 * Forwards the items; gives those that failed alone.
 * @throws when a step failed as a whole: then everything is to be tried again
 */
export async function forward(ports: ForwardPorts, items: readonly OutboxItem[]): Promise<Failure[]> {
  if (items.length === 0) return [];
  const started = performance.now();
  const failures: Failure[] = [];
  const { known, changes } = parse(items, failures);
  const { kept, folds } = await withinBudget(ports, known);
  const stored = await keep(ports, [...kept, ...folds], failures);
  const { forQueue, forWebhooks, done } = await count(ports, folds, stored, failures);
  const [queued, updated, untold] = await Promise.all([
    enqueue(ports, forQueue, failures),
    change(ports, changes, failures),
    tell(ports, forWebhooks),
  ]);
  for (const [item, error] of untold) fail(failures, item, error);
  const over = [...folds.flatMap(({ others }) => others), ...done, ...queued, ...updated];
  await ports.outbox.remove(over.filter((item) => !untold.has(item)));
  if (failures.length > 0) ports.meter.add('forwardFailures', failures.length);
  ports.meter.stage('forward', items.length - failures.length, (performance.now() - started) / 1000);
  return failures;
}

function parse(items: readonly OutboxItem[], failures: Failure[]): { known: Known[]; changes: Change[] } {
  const known: Known[] = [];
  const changes: Change[] = [];
  for (const item of items) {
    try {
      const value: unknown = JSON.parse(item.text);
      const id = item.update ? item.field.slice(0, -1) : item.field;
      if (typeof value !== 'object' || value === null || (value as { id?: unknown }).id !== id)
        throw new Error(`not the alert or update of ${id}`);
      if (item.update) changes.push({ item, update: value as AlertUpdate });
      else known.push({ item, alert: value as Alert });
    } catch (error) {
      failures.push({ item, error: error as Error });
    }
  }
  return { known, changes };
}

/** What is stored: for whom it still is, and the items of what the SIEM queue has, or is not to get. */
type Stored = { readonly forQueue: Known[]; readonly forWebhooks: Known[]; readonly done: OutboxItem[] };

async function keep({ store, meter }: ForwardPorts, known: readonly Known[], failures: Failure[]): Promise<Stored> {
  if (known.length === 0) return { forQueue: [], forWebhooks: [], done: [] };
  const puts = await store.put(known.map(({ alert }) => alert));
  const forQueue: Known[] = [];
  const forWebhooks: Known[] = [];
  const done: OutboxItem[] = [];
  let created = 0;
  let shadowed = 0;
  known.forEach((one, i) => {
    const put = puts[i]!;
    if (put instanceof Error) {
      failures.push({ item: one.item, error: put });
      return;
    }
    if (put.created) created += 1;
    if (put.created && one.alert.entities.length > limits.alertEntitiesMax) meter.addTo('cut', 'index');
    if (put.created && one.alert.shadow) shadowed += 1;
    if (one.alert.shadow || put.queued) done.push(one.item);
    else forQueue.push(one);
    if (!one.alert.shadow && !put.told) forWebhooks.push(one);
  });
  meter.add('stored', created);
  meter.add('shadowed', shadowed);
  return { forQueue: await asStored(store, forQueue, known, puts), forWebhooks, done };
}

/** Brings the numbers of the folds up to date. One that fails is neither queued nor done. */
async function count({ store }: ForwardPorts, folds: readonly Fold[], stored: Stored, failures: Failure[]): Promise<Stored> {
  if (folds.length === 0) return stored;
  const answers = await store.update(folds.map(({ update }) => update));
  const failed = new Set<OutboxItem>();
  folds.forEach(({ item }, i) => {
    const error = answers[i];
    if (!(error instanceof Error)) return;
    failed.add(item);
    fail(failures, item, error);
  });
  const went = ({ item }: Known): boolean => !failed.has(item);
  const { forQueue, forWebhooks, done } = stored;
  return { forQueue: forQueue.filter(went), forWebhooks: forWebhooks.filter(went), done: done.filter((item) => !failed.has(item)) };
}

/** Each item once, however much of it failed. */
function fail(failures: Failure[], item: OutboxItem, error: Error): void {
  if (!failures.some((one) => one.item === item)) failures.push({ item, error });
}

/** Two workers on one event each write its alert at their own time. The one in the store counts: by it an alert waits in one place. */
async function asStored(
  store: ForwardPorts['store'],
  forQueue: Known[],
  known: readonly Known[],
  puts: readonly (Put | Error)[],
): Promise<Known[]> {
  const again = new Set(known.filter((_, i) => (puts[i] as Put).created === false));
  if (again.size === 0) return forQueue;
  const asked = forQueue.filter((one) => again.has(one));
  const stored = await store.getMany(asked.map(({ alert }) => alert.id));
  const byItem = new Map(asked.map((one, i) => [one, stored[i] ?? one.alert]));
  return forQueue.map((one) => ({ item: one.item, alert: byItem.get(one) ?? one.alert }));
}

/** Queues the alerts or lets them wait; gives the items that are in safety now. */
async function enqueue(ports: ForwardPorts, known: readonly Known[], failures: Failure[]): Promise<OutboxItem[]> {
  if (known.length === 0) return [];
  const [size, waiting] = await Promise.all([ports.siem.size(), ports.waiting.sizes()]);
  const candidates = known.map(({ item, alert }) => ({
    item,
    id: alert.id,
    level: alert.rule.level,
    createdMs: Date.parse(alert.created),
    place: placeOf(alert),
  }));
  const { enter, wait } = admit(candidates, size, waiting, ports.siemMax);
  if (wait.length > 0) {
    await ports.waiting.push(wait);
    for (const { level } of wait) ports.meter.addTo('held', level);
  }
  const added = await add(ports, enter);
  for (const { candidate, error } of added.failed) fail(failures, candidate.item, error);
  return [...wait, ...added.queued].map(({ item }) => item);
}

/** Adds to the SIEM queue and marks in the store. */
async function add<T extends Candidate>(
  ports: ForwardPorts,
  candidates: readonly T[],
): Promise<{ queued: T[]; failed: { candidate: T; error: Error }[] }> {
  if (candidates.length === 0) return { queued: [], failed: [] };
  const answers = await ports.siem.add(candidates);
  const queued = candidates.filter((_, i) => answers[i] === true);
  const failed = candidates.flatMap((candidate, i) => {
    const error = answers[i];
    return error instanceof Error ? [{ candidate, error }] : [];
  });
  const nowMs = ports.now();
  await ports.store.markQueued(
    queued.map(({ id }) => id),
    nowMs,
  );
  for (const { level, createdMs } of queued) {
    ports.meter.addTo('queued', level);
    ports.meter.forwardDelay((nowMs - createdMs) / 1000);
  }
  return { queued, failed };
}

async function change({ store, meter }: ForwardPorts, changes: readonly Change[], failures: Failure[]): Promise<OutboxItem[]> {
  if (changes.length === 0) return [];
  const answers = await store.update(changes.map(({ update }) => update));
  const done: OutboxItem[] = [];
  let applied = 0;
  changes.forEach(({ item }, i) => {
    const answer = answers[i]!;
    if (answer instanceof Error) failures.push({ item, error: answer });
    else {
      done.push(item);
      if (answer.applied) applied += 1;
    }
  });
  meter.add('updated', applied);
  return done;
}

/** Lets waiting alerts into the queue while there is room, the most urgent first. Gives how many need not wait any longer. */
export async function promote(ports: ForwardPorts): Promise<number> {
  const waiting = await ports.waiting.sizes();
  if (levelsByUrgency.every((level) => waiting[level] === 0)) return 0;
  let size = await ports.siem.size();
  let left = 0;
  for (const level of levelsByUrgency) {
    const room = Math.min(boundOf(level, ports.siemMax) - size, limits.forwardBatchMax);
    if (waiting[level] === 0 || room <= 0) continue;
    const { queued, over } = await promoteLevel(ports, level, room);
    size += queued;
    left += queued + over;
  }
  return left;
}

/** `over`: those that had been queued or forgotten meanwhile. */
async function promoteLevel(ports: ForwardPorts, level: Level, room: number): Promise<{ queued: number; over: number }> {
  const places = await ports.waiting.head(level, room);
  const standing = await ports.store.standing(places.map(idOfPlace));
  const candidates = places.flatMap((place, i) =>
    standing[i] === 'unqueued' ? [{ id: idOfPlace(place), level, createdMs: timeOfPlace(place), place }] : [],
  );
  const { queued, failed } = await add(ports, candidates);
  // What failed goes behind the others, so that it does not stand in front for ever.
  const behind = placeOfTime(ports.now());
  const back = failed.map(({ candidate }) => ({ level, place: behind + candidate.id }));
  if (back.length > 0) {
    ports.meter.add('forwardFailures', back.length);
    await ports.waiting.push(back);
  }
  const stays = new Set(back.map(({ place }) => place));
  await ports.waiting.remove(
    level,
    places.filter((place) => !stays.has(place)),
  );
  return { queued: queued.length, over: places.length - candidates.length };
}
