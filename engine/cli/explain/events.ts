/** Explains the events of a file, each against one rule or all rules. */
import { explain, type ExplainedCondition, type Explanation } from '../../compile/index.ts';
import type { Event } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import type { Rule, RuleSet } from '../../core/rule.ts';
import { exitCodes } from '../../errors.ts';
import type { Io } from '../command.ts';
import { itemsOfFile } from '../../replay/items.ts';
import type { Item } from '../../runtime/ingest/item.ts';
import { formatExplanation, shownText } from '../format/explain.ts';
import { eventReader } from '../../replay/event-reader.ts';

/** How many events are explained: nobody reads more, and each rule costs a pass of json-rules-engine. */
const eventsMax = 100;

export type EventsToExplain = {
  readonly file: string;
  readonly ruleset: RuleSet;
  /** Undefined: all rules. */
  readonly rule: Rule | undefined;
  readonly dataset: string | undefined;
};

/** @returns the exit code */
export async function explainEvents({ file, ruleset, rule, dataset }: EventsToExplain, io: Io): Promise<number> {
  const reader = eventReader(ruleset, file, dataset, Date.now(), io);
  const items = await readItems(file, io);
  if (items.length > eventsMax) io.say(`${file}: explaining the first ${eventsMax} of ${items.length} events`);
  let clock: number | undefined;
  for (const [index, item] of items.slice(0, eventsMax).entries()) {
    const event = reader.read(item, clock);
    if (event === undefined) continue;
    clock = Math.max(clock ?? event.time, event.time);
    const rules = rule === undefined ? ruleset.rules : [rule];
    const explanations = await Promise.all(rules.map((one) => explain(ruleset, one, event)));
    if (io.json) await io.print(JSON.stringify(asJson(index, event, explanations)));
    else await io.print(asText(event, explanations, rule === undefined, io.color.stdout).join('\n'));
  }
  if (items.length === 0) io.say(`${file}: no events`);
  return reader.bad() > 0 || items.length === 0 ? exitCodes.findings : exitCodes.fine;
}

/** Reads an object over many lines, an array, or, if the first line is an object by itself, one object per line. */
async function readItems(file: string, io: Io): Promise<Item[]> {
  const lines: Item[] = [];
  let characters = 0;
  for await (const block of itemsOfFile(file, io.stdin)) {
    lines.push(...block);
    characters += block.reduce((sum, { text }) => sum + text.length, 0);
    if (characters > limits.requestBytesMax) break;
  }
  const [first] = lines;
  if (first === undefined || isObject(parsed(first.text))) return lines;
  const whole = parsed(lines.map(({ text }) => text).join('\n'));
  if (Array.isArray(whole)) return whole.map((item, index) => ({ line: index + 1, text: JSON.stringify(item) }));
  return isObject(whole) ? [{ line: first.line, text: JSON.stringify(whole) }] : lines;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

function asText(event: Event, explanations: readonly Explanation[], onlyHeld: boolean, color: boolean): string[] {
  const tags = event.tags.length === 0 ? '' : `  (${event.tags.join(', ')})`;
  const head = `event ${shownText(event.id)} of ${shownText(event.dataset)} at ${new Date(event.time).toISOString()}${tags}`;
  const listed = onlyHeld ? explanations.filter((each) => each.steps.some(({ condition }) => anyHeld(condition))) : explanations;
  const ordered = listed.toSorted((a, b) => Number(b.because === 'matched') - Number(a.because === 'matched'));
  const others = explanations.filter((each) => !listed.includes(each)).map(({ rule }) => rule.id);
  return [
    head,
    '',
    ...ordered.flatMap((each) => [...formatExplanation(each, color), '']),
    ...(others.length === 0 ? [] : [`no condition holds: ${others.join(', ')}`, '']),
  ];
}

/** Whether any test of the condition holds, outside of a `not`. */
function anyHeld(condition: ExplainedCondition): boolean {
  if (condition.kind === 'test') return condition.held;
  return condition.kind !== 'not' && condition.of.some(anyHeld);
}

function asJson(index: number, event: Event, explanations: readonly Explanation[]): object {
  const { id, dataset, time, tags } = event;
  return { index, id, dataset, time: new Date(time).toISOString(), tags, rules: explanations.map(explanationJson) };
}

const explanationJson = ({ rule: { id, title, status, level }, because, steps }: Explanation): object => ({
  rule: id,
  title,
  status,
  level,
  because,
  steps,
});
