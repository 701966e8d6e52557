/** How long an entry matters and a log lives. If one part is too short, alerts are lost only in an outage, or with a clock that is ahead. */
import { expect, it } from 'vitest';
import { limits } from '../../../engine/core/limits.ts';
import { profileOf } from '../../../engine/core/correlate/log-profile.ts';
import { countRule, rulesOf } from '../../support/rules.ts';

const rule = rulesOf(countRule('burst', 'gte: 3')).rules[0]!;
const seconds = (n: number): number => 1000 * n;
const { keepMs, lifeMs } = profileOf(rule, { latenessMs: seconds(7), lagMs: seconds(3600) });

it('an entry matters for the timespan, the lateness and the tolerated future', () => {
  expect(keepMs).toBe(seconds(10) + seconds(7) + limits.futureMsMax);
});

it('a log outlives its newest entry by that plus the longest tolerated backlog', () => {
  expect(lifeMs).toBe(keepMs + seconds(3600));
});
