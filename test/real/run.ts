/** Runs a real input through the shipped rules: events as replay reads them, the rules that each matched, and the alerts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { csvReader } from '../../engine/cli/csv/records.ts';
import { compile } from '../../engine/compile/index.ts';
import type { Alert } from '../../engine/core/alert/alert.ts';
import { envelope, eventOf } from '../../engine/core/ingest/envelope.ts';
import type { Event } from '../../engine/core/event.ts';
import { fieldPath, lookup } from '../../engine/core/match/fields.ts';
import { keyTexts } from '../../engine/core/correlate/group.ts';
import { limits } from '../../engine/core/limits.ts';
import type { RuleSet } from '../../engine/core/rule.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { replaySession } from '../../engine/runtime/pipeline/replay-session.ts';
import { readRuleFolder } from '../../engine/runtime/rules/folder.ts';
import { dataFolder, eventLinesOf, inputNamed, root, type RealInput } from './inputs.ts';

export type Run = {
  readonly events: number;
  readonly alerts: readonly Alert[];
  /** The largest delay of an event behind the newest event before it, ms. */
  readonly behindMs: number;
};

export async function shippedRules(): Promise<RuleSet> {
  const folder = await readRuleFolder(join(root, 'rules'));
  return compile(folder.files).ruleset;
}

/** @param onEvent called with each event and the ids of the rules that it matched */
export async function run(
  name: RealInput['name'],
  ruleset: RuleSet,
  onEvent: (event: Event, rules: readonly string[]) => void = () => {},
): Promise<Run> {
  const { datasets } = ruleset;
  const session = replaySession(ruleset, replayStores, {
    latenessMs: limits.latenessMs,
    drain: false,
    onRuleFault: (id, fault) => {
      throw new Error(`rule ${id}: ${String(fault)}`);
    },
  });
  const view = ruleset.view();
  let events = 0;
  let behindMs = 0;
  for await (const line of eventLinesOf(inputNamed(name))) {
    const raw = JSON.parse(line) as Record<string, unknown>;
    const given = envelope(raw, { datasets, receivedMs: 0, futureMsMax: Infinity, dataset: undefined }, () => `line-${events + 1}`);
    if (given.kind === 'rejected') throw new Error(`${name}:${events + 1}: ${given.code}: ${given.detail}`);
    const event = eventOf(given, raw, datasets);
    events += 1;
    behindMs = Math.max(behindMs, (session.clock() ?? 0) - event.time);
    onEvent(event, [...new Set(ruleset.match(view.load(event)).map(({ rule }) => rule.id))]);
    await session.feed(event);
  }
  return { events, alerts: await session.finish(), behindMs };
}

/** An event and the rules that it matched. */
export type Matched = { readonly event: Event; readonly rules: readonly string[] };

/** Whether the event took part in the alert, including suppressed repeats: it matched the rule, in that group, during the alert. */
export function tookPart({ event, rules }: Matched, alert: Alert): boolean {
  if (!rules.includes(alert.rule.id) || event.time < Date.parse(alert.first_seen) || event.time > Date.parse(alert.last_seen)) return false;
  return Object.entries(alert.group).every(([name, value]) => keyTexts(lookup(event, fieldPath(name))).includes(value));
}

/** The rows of a gzipped CSV file in the data folder, which holds the labels. */
export async function csvRows(file: string): Promise<ReadonlyMap<string, string>[]> {
  const reader = csvReader();
  const text = gunzipSync(await readFile(join(dataFolder!, file))).toString('utf8');
  const [header, ...records] = [...reader.push({ text, valid: true }), ...reader.end()];
  return records.map(({ fields }) => new Map(header!.fields.map((name, index) => [name, fields[index]!])));
}
