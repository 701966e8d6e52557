/** The alerts of a replay are held until its end. The number of events in them is bounded. */
import { expect, it } from 'vitest';
import { memoryAlerts } from '../../../engine/memory/alert/alerts.ts';
import { alertOf } from '../../support/alerts.ts';

it('ends the replay when the alerts hold too many events, names the rule that alerts most, and counts a repeated alert once', () => {
  const alerts = memoryAlerts(5);
  const [quiet, loud] = ['quiet', 'loud'].map((id) => ({ ...alertOf('x').rule, id }));
  const put = (id: string, rule = loud!): void => alerts.alert({ ...alertOf(id, { events: [{ n: 1 }, { n: 2 }] }), rule });
  put('a', quiet);
  put('b');
  for (let n = 0; n < 5; n++) put('b');
  expect(() => put('c')).toThrow('too many alerts: after 3 they hold more than 5 events, 2 of them are of rule loud');
});
