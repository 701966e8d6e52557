/** The figures of a demo, and their table. */
import { describe, expect, it } from 'vitest';
import { formatResult } from '../../../engine/cli/demo/format.ts';
import { resultOf, waitOf } from '../../../engine/cli/demo/result.ts';
import { compile } from '../../../engine/compile/index.ts';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import type { Truth } from '../../../engine/demo/truth.ts';

const rules = compile([
  {
    path: 'rules/a.yaml',
    text: `
id: burst
conditions: { all: [{ fact: a, operator: equal, value: 1 }] }
correlation: { type: event_count, group-by: [u], timespan: 10m, condition: { gte: 2 } }
---
id: quiet
steps:
  - { name: on, conditions: { all: [{ fact: a, operator: equal, value: 1 }] } }
  - { name: off, not: true, within: 1m, conditions: { all: [{ fact: a, operator: equal, value: 2 }] } }
correlation: { type: temporal_ordered, group-by: [u], timespan: 10m }
---
id: settled
settle: true
conditions: { all: [{ fact: a, operator: equal, value: 1 }] }
correlation: { type: event_count, group-by: [u], timespan: 10m, condition: { lt: 2 } }
`,
  },
]).ruleset.rules;

const truth = (campaign: string, rule: string, events: string[]): Truth => ({
  campaign,
  about: '',
  rule,
  group: { u: campaign },
  events,
  first: '',
  last: '',
});
const alert = (id: string, rule: string, u: string, ids: readonly string[]): Alert =>
  ({ id, rule: { id: rule }, group: { u }, events: ids.map((paymentId) => ({ paymentId })) }) as unknown as Alert;

const result = resultOf({
  truths: [truth('one', 'burst', ['a1', 'a2', 'a3', 'a4']), truth('two', 'quiet', ['b1']), truth('three', 'burst', ['c1'])],
  seen: [
    { at: 1500, alert: alert('al_1', 'burst', 'one', ['a1', 'a3']) },
    { at: 80_000, alert: alert('al_2', 'quiet', 'two', ['b1']) },
    { at: 80_000, alert: alert('al_3', 'quiet', 'one', ['a4']) },
    { at: 80_000, alert: alert('al_4', 'burst', 'nobody', ['x1', 'x2']) },
  ],
  // a2 was sent late: after the deciding event.
  sent: new Map(['a1', 'a3', 'b1', 'a2', 'a4', 'c1'].map((id, rank) => [id, { ms: 1000 + 100 * rank, rank }])),
  benign: 40_000,
  rules,
  latenessMs: 10_000,
});

describe('the result', () => {
  it('counts the events up to the deciding one, and the time until the alert was seen', () => {
    expect(
      result.campaigns.map(({ campaign, caught, after, events, ms, waits_ms: waits, alert: id }) => [
        campaign,
        caught,
        after,
        events,
        ms,
        waits,
        id,
      ]),
    ).toEqual([
      ['one', true, 2, 4, 400, 0, 'al_1'],
      ['two', true, 1, 1, 78_800, 70_000, 'al_2'],
      ['three', false, null, 1, null, 0, null],
    ]);
    expect([result.caught, result.besides]).toEqual([2, 1]);
    expect(result.false_alerts).toEqual({ total: 1, per_100k: 2.5, by_rule: { burst: 1 } });
  });

  it('is printed as a table', () => {
    expect(formatResult(result, false)).toEqual([
      'campaign          by rule   after     ms',
      'one       caught  burst    2 of 4    400',
      'two       caught  quiet    1 of 1  78800',
      'three     missed  burst    - of 1      -',
      '',
      "2 of 3 campaigns caught, in 400 ms (median) from sending the deciding event to seeing the alert in the API's answer",
      'quiet waits 70s of its ms by design, for an event that does not arrive',
      '1 alert from other rules on events of these campaigns',
      '1 false alert on ordinary traffic: 2.5 per 100,000 events',
      '     1  burst',
    ]);
  });

  it('says how long a rule waits by design', () => {
    expect(['burst', 'quiet', 'settled', 'unknown'].map((id) => waitOf(rules, id, 10_000))).toEqual([0, 70_000, 10_000, 0]);
  });
});
