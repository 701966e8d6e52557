/**
 * Writes the dashboards of source/ as the JSON that Grafana is provisioned with. A test checks that the files are current.
 *
 *     npm run dashboards
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { render, type Dashboard } from './source/frame.ts';
import { overview } from './source/overview.ts';
import { rules } from './source/rules.ts';
import { siem } from './source/siem.ts';

export const dashboards: readonly Dashboard[] = [overview, rules, siem];

export const folder = join(import.meta.dirname, 'grafana/dashboards');
export const fileOf = ({ uid }: Dashboard): string => `${uid}.json`;
export const textOf = (dashboard: Dashboard): string => `${JSON.stringify(render(dashboard), null, 2)}\n`;

if (import.meta.main) for (const dashboard of dashboards) writeFileSync(join(folder, fileOf(dashboard)), textOf(dashboard));
