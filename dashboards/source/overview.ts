/** The first thing to look at: the state in numbers, then a row for each stage of the data's way. */
import type { Dashboard } from './frame.ts';
import { decode, ingest } from './overview-in.ts';
import { deliver, forward } from './overview-out.ts';
import { alert, correlate, match } from './overview-rules.ts';
import { processes, state } from './overview-state.ts';

export const overview: Dashboard = {
  uid: 'weir-overview',
  title: 'Weir / Overview',
  description: "The data's way through Weir, a row for each stage.",
  rows: [state, ingest, decode, match, correlate, alert, forward, deliver, processes],
};
