/** The result of a demo as a table for a terminal. */
import { formatDuration } from '../../core/util/duration.ts';
import { paint } from '../output.ts';
import type { CampaignResult, DemoResult } from './result.ts';

/** @returns lines without line ends */
export function formatResult({ campaigns, caught, besides, false_alerts: wrong }: DemoResult, color: boolean): string[] {
  const rows = campaigns.map((one) => [
    one.campaign,
    one.caught ? 'caught' : 'missed',
    one.rule,
    afterText(one),
    one.ms === null ? '-' : String(one.ms),
  ]);
  const header = ['campaign', '', 'by rule', 'after', 'ms'];
  const widths = header.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, n) => (n < 3 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!))).join('  ');
  const waiting = campaigns.filter(({ waits_ms: ms }) => ms > 0);
  const median = medianOf(campaigns.flatMap(({ ms, waits_ms: waits }) => (ms === null || waits > 0 ? [] : [ms])));
  return [
    paint(color, 'bold', line(header)),
    ...rows.map((row, n) => paint(color, campaigns[n]!.caught ? 'green' : 'red', line(row))),
    '',
    `${caught} of ${campaigns.length} campaigns caught${median === undefined ? '' : `, in ${median} ms (median) from sending the deciding event to seeing the alert in the API's answer`}`,
    ...waiting.map(
      ({ rule, waits_ms: ms }) => `${rule} waits ${formatDuration(ms)} of its ms by design, for an event that does not arrive`,
    ),
    `${besides} ${besides === 1 ? 'alert' : 'alerts'} from other rules on events of these campaigns`,
    `${wrong.total} false ${wrong.total === 1 ? 'alert' : 'alerts'} on ordinary traffic: ${wrong.per_100k} per 100,000 events`,
    ...Object.entries(wrong.by_rule)
      .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .map(([rule, count]) => `  ${String(count).padStart(4)}  ${rule}`),
  ];
}

const afterText = ({ after, events }: CampaignResult): string => `${after === null ? '-' : after} of ${events}`;

function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
