/** A sample alert for testing a target: complete like a real one, and recognisable as a test. */
import type { Alert } from '../alert/alert.ts';

/** @param id different each time, so that receivers do not treat the test as a repeated delivery */
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
