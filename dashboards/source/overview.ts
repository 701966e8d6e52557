/** The dashboard to look at first: the state in numbers, then a row for each stage. */
import type { Dashboard } from './frame.ts';
import { decode, ingest } from './overview-in.ts';
import { deliver, forward } from './overview-out.ts';
import { alert, correlate, match } from './overview-rules.ts';
import { processes, state } from './overview-state.ts';

export const overview: Dashboard = {
  uid: 'weir-overview',
  title: 'Weir / Overview',
  description: 'The state of Weir, then a row for each stage of the data flow.',
  rows: [state, ingest, decode, match, correlate, alert, forward, deliver, processes],
};
