/** The shipped dashboards and Prometheus rules. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const top = join(import.meta.dirname, '../..');
const grafana = join(top, 'dashboards/grafana/dashboards');

type Variable = {
  readonly name: string;
  readonly label?: string;
  readonly type: string;
  readonly query: string;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly current?: object;
  readonly allValue?: string;
  readonly refresh?: number;
  readonly datasource?: { readonly uid: string };
};
export type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly datasource: { readonly uid: string } }[];
};
export type Dashboard = {
  readonly file: string;
  readonly uid: string;
  readonly title: string;
  readonly editable: boolean;
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly Panel[];
};

export const dashboards: readonly Dashboard[] = readdirSync(grafana)
  .filter((name) => name.endsWith('.json'))
  .map((file) => ({ ...(JSON.parse(readFileSync(join(grafana, file), 'utf8')) as Omit<Dashboard, 'file'>), file }));

export const shown = ({ panels }: Dashboard): Panel[] => panels.filter(({ type }) => type !== 'row');

export type Query = { readonly where: string; readonly expr: string };

/** Every query of every panel. */
export const panelQueries: readonly Query[] = dashboards.flatMap((dashboard) =>
  shown(dashboard).flatMap((panel) =>
    (panel.targets ?? []).map(({ refId, expr }) => ({ where: `${dashboard.title} / ${panel.title} / ${refId}`, expr })),
  ),
);

type Rule = {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

const rulesOf = (file: string): Rule[] =>
  (parse(readFileSync(join(top, 'dashboards/prometheus', file), 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    ({ rules }) => rules,
  );

export const recordingRules = rulesOf('rules.yml');
export const alertRules = rulesOf('alerts.yml');
export const ruleQueries: readonly Query[] = [...recordingRules, ...alertRules].map(({ record, alert, expr }) => ({
  where: record ?? alert ?? '',
  expr,
}));
