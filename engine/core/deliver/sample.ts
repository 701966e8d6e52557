/** An alert to try a target with: as a real one, and recognisable. */
import type { Alert } from '../alert/alert.ts';

/** @param id unlike any real one, so that receivers do not take the test for a repeat */
export function sampleAlert(id: string, at: string): Alert {
  return {
    id,
    rule: { id: 'weir-webhook-test', title: 'A test of this webhook', level: 'low', tags: ['weir.test'], hash: '' },
    status: 'open',
    shadow: false,
    group: { 'user.id': 'nobody' },
    entities: [{ field: 'user.id', value: 'nobody', risk: 0 }],
    value: 1,
    reason: 'somebody asked Weir to try this webhook',
    message: 'This is a test. Nothing has happened.',
    first_seen: at,
    last_seen: at,
    created: at,
    count: 1,
    events: [{ 'event.id': 'weir-webhook-test', '@timestamp': at, 'event.dataset': 'weir.test', 'user.id': 'nobody' }],
  };
}
