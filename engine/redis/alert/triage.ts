/**
 * Triage in Redis. core/alert/triage.ts decides a change on the alert as read, and one script writes it only if the
 * alert still has that revision. Otherwise the alert is read again and the change is decided again. In each round at
 * least one client's change succeeds, so this ends.
 */
import type { AlertStatus, VerdictLabel } from '../../core/alert/alert.ts';
import { alertIdShape, fits, timeOfPlace, type AlertFacts } from '../../core/alert/query.ts';
import { limits } from '../../core/limits.ts';
import { alertCounts } from '../../core/alert/counts.ts';
import { triage, triageFacts, type HistoryEntry, type TriageState, type Turn } from '../../core/alert/triage.ts';
import type { TriageAnswer, TriageRequest, TriageStore } from '../../runtime/alert/triage.ts';
import { readAlerts } from './read.ts';
import { commandsOn, type Commands, type RedisNodes } from '../commands.ts';
import { command, script, type ScriptCall } from '../commands/call.ts';
import { keys } from '../keys.ts';

type Outcome = Exclude<TriageAnswer['kind'], 'refused'> | Extract<TriageAnswer, { kind: 'refused' }>;

/** The state of an alert on which a change is decided. */
type Standing = { readonly facts: AlertFacts; readonly state: TriageState; readonly last: HistoryEntry | undefined };

/** @param now epoch ms */
export function openTriage(nodes: RedisNodes, now: () => number = Date.now): TriageStore {
  const redis = commandsOn(nodes);

  /** Decides and writes the changes; undefined where another client changed the alert first. */
  async function once(requests: readonly TriageRequest[]): Promise<(Outcome | undefined)[]> {
    const standing = await read(redis, requests);
    const judged = requests.map((request, i) => judge(request, standing[i]));
    const writes = judged.flatMap((one, i) => (one.kind === 'write' ? [{ ...one, request: requests[i]!, standing: standing[i]! }] : []));
    const written = await redis.send<number>(
      writes.map(({ request, standing: was, state, entry }) => writeCall(request, was, state, entry)),
    );
    let next = 0;
    return judged.map((one) => {
      if (one.kind !== 'write') return one.outcome;
      const answer = written[next++];
      return answer === 1 ? 'changed' : answer === -1 ? 'gone' : undefined;
    });
  }

  return {
    async triage(requests) {
      const outcomes: (Outcome | undefined)[] = requests.map(() => undefined);
      for (let open = [...requests.keys()]; open.length > 0; open = open.filter((i) => outcomes[i] === undefined)) {
        const some = await once(open.map((i) => requests[i]!));
        open.forEach((i, at) => (outcomes[i] = some[at]));
      }
      const shown = await readAlerts(
        redis,
        requests.map(({ id }) => id),
      );
      return outcomes.map((outcome, i): TriageAnswer => {
        if (typeof outcome === 'object') return outcome;
        if (outcome === undefined || outcome === 'gone' || outcome === 'elsewhere') return { kind: outcome ?? 'gone' };
        const alert = shown[i];
        return alert === undefined ? { kind: 'gone' } : { kind: outcome, alert };
      });
    },

    async history(id) {
      if (!alertIdShape.test(id)) return { entries: [], dropped: 0 };
      const [revision, texts] = (await redis.send([
        command('hget', keys.alert(id), 'revision'),
        command('lrange', keys.alertHistory(id), 0, -1),
      ])) as [string | null, string[]];
      const entries = texts.map((text) => JSON.parse(text) as HistoryEntry);
      return { entries, dropped: Math.max(0, Number(revision ?? 0) - entries.length) };
    },

    async counts(ruleIds) {
      const rows = await redis.send(
        ruleIds.flatMap((id) => [
          command('hgetall', keys.alertCounts(id)),
          command('zrevrangebylex', keys.alertsOfRule(id), '+', '-', 'LIMIT', 0, 1),
        ]),
      );
      return ruleIds.map((_, i) => {
        const [numbers, [newest]] = [rows[2 * i] as Record<string, string>, rows[2 * i + 1] as string[]];
        const counted = new Map(Object.entries(numbers).map(([name, count]) => [name, Number(count)]));
        return alertCounts(counted, newest === undefined ? undefined : timeOfPlace(newest));
      });
    },

    unnotified: (ageMs, max) => turnsUntil(redis, now() - ageMs, max),
    markNotified: async (turns) => void (await redis.ask(command('zrem', keys.alertClosings, ...turns.flatMap(textsOf)))),
  };
}

/** As alert-triage.lua writes it. */
const turnText = ({ id, turn, status, verdict }: Turn): string => `${id} ${turn} ${status} ${verdict ?? ''}`;

function readTurn(text: string, at: number): Turn {
  const [id = '', turn = '1', status = 'closed', verdict = ''] = text.split(' ');
  return { id, turn: Number(turn), status: status as AlertStatus, verdict: verdict === '' ? undefined : (verdict as VerdictLabel), at };
}

/** The bare id is what was written before turns were counted. */
const textsOf = (turn: Turn): string[] => [turnText(turn), turn.id];

async function turnsUntil(redis: Commands, ms: number, max: number): Promise<Turn[]> {
  const flat = await redis.ask<string[]>(command('zrangebyscore', keys.alertClosings, '-inf', ms, 'WITHSCORES', 'LIMIT', 0, max));
  return flat.flatMap((text, i) => (i % 2 === 0 ? [readTurn(text, Number(flat[i + 1]))] : [])).toSorted(inOrder);
}

const inOrder = (a: Turn, b: Turn): number => a.at - b.at || a.turn - b.turn;

function writeCall({ id }: TriageRequest, was: Standing, state: TriageState, entry: HistoryEntry): ScriptCall {
  const its = [keys.alert(id), keys.alertHistory(id), keys.alertCounts(was.facts.rule), keys.alertChanges, keys.alertClosings];
  const { status, assignee = '', verdict = '' } = state;
  const triaged = { before: triageFacts(was.state), after: triageFacts(state) };
  return script('alert-triage', its, [
    was.state.revision,
    status,
    assignee,
    verdict,
    JSON.stringify(entry),
    limits.alertHistoryMax,
    id,
    JSON.stringify(triaged),
    limits.alertChangesMax,
  ]);
}

type Judged =
  | { readonly kind: 'write'; readonly state: TriageState; readonly entry: HistoryEntry }
  | { readonly kind: 'told'; readonly outcome: Outcome };

function judge(request: TriageRequest, standing: Standing | undefined): Judged {
  const told = (outcome: Outcome): Judged => ({ kind: 'told', outcome });
  if (standing === undefined) return told('gone');
  const { facts, state, last } = standing;
  if (request.only !== undefined && !fits(request.only, facts)) return told('elsewhere');
  const found = triage(state, request.change, last, request.by);
  if (found.kind === 'unchanged') return told('unchanged');
  if (request.revision !== undefined && request.revision !== state.revision) return told('conflict');
  return found.kind === 'refused' ? told(found) : { kind: 'write', state: found.state, entry: found.entry };
}

async function read(redis: Commands, requests: readonly TriageRequest[]): Promise<(Standing | undefined)[]> {
  const asked = requests.map(({ id }) => alertIdShape.test(id));
  const rows = await redis.send(
    requests
      .filter((_, i) => asked[i])
      .flatMap(({ id }) => [
        command('hmget', keys.alert(id), 'rule', 'level', 'status', 'shadow', 'assignee', 'verdict', 'revision'),
        command('lindex', keys.alertHistory(id), -1),
      ]),
  );
  let next = 0;
  return asked.map((was) => {
    if (!was) return undefined;
    const [row, last] = [rows[next++] as (string | null)[], rows[next++] as string | null];
    const [rule, level, status, shadow, assignee, verdict, revision] = row.map((text) => text ?? undefined);
    if (rule === undefined) return undefined;
    return {
      facts: { rule, level: level!, status: status!, shadow: shadow === '1', assignee, verdict },
      state: { status: status as AlertStatus, assignee, verdict: verdict as VerdictLabel | undefined, revision: Number(revision ?? 0) },
      last: last === null ? undefined : (JSON.parse(last) as HistoryEntry),
    };
  });
}
