/**
 * What all dashboards share: variables, grid, and the JSON of a panel. A dashboard is a list of rows, a row a list of
 * panels, and a panel a title, a description, a unit and queries; everything else is the same for all and defined here.
 * build.ts writes the JSON that Grafana reads.
 */

export type Query = { readonly expr: string; readonly legend: string };

export type Panel = {
  readonly title: string;
  readonly description: string;
  /** A unit of Grafana: short, s, bytes, percentunit, eps, ops, cps … */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Default: a graph over time. */
  readonly kind?: 'timeseries' | 'stat' | 'table';
  /** Width in 24ths of the row. Default: 8 for a graph, 3 for a number, 24 for a table. */
  readonly width?: number;
  readonly stacked?: boolean;
  /** Yellow from the first value, red from the second. */
  readonly thresholds?: readonly [warning: number, critical: number];
};

export type Row = { readonly title: string; readonly panels: readonly Panel[] };

/** A variable whose options are the values of a label; one, several or all can be selected. Used in queries as `=~"$name"`. */
export type Choice = { readonly name: string; readonly label: string; readonly query: string };

export type Dashboard = {
  /** Stable, for links and bookmarks. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** In addition to data source, job and instance, which all dashboards have. */
  readonly choices?: readonly Choice[];
  readonly rows: readonly Row[];
};

/** A metric of the selected processes, with optional further labels: `of('weir_x', 'stage="match"')`. */
export const of = (metric: string, labels = ''): string =>
  `${metric}{job=~"$job", instance=~"$instance"${labels === '' ? '' : `, ${labels}`}}`;

/** The rate per second, over the interval that Grafana derives from the width of the panel. */
export const rate = (metric: string, labels = ''): string => `rate(${of(metric, labels)}[$__rate_interval])`;

/** The increase over the whole displayed time range. */
export const inRange = (metric: string, labels = ''): string => `increase(${of(metric, labels)}[$__range])`;

/** For metrics of the whole installation, which have the same value in every process: the maximum picks any of them. */
export const once = (expr: string, by = ''): string => (by === '' ? `max(${expr})` : `max by (${by}) (${expr})`);

export const sum = (expr: string, by = ''): string => (by === '' ? `sum(${expr})` : `sum by (${by}) (${expr})`);

/** The quantiles 50 %, 90 % and 99 % of a histogram, as three lines. */
export function quantiles(histogram: string, labels = ''): Query[] {
  return [0.5, 0.9, 0.99].map((q) => ({
    expr: `histogram_quantile(${q}, ${sum(rate(`${histogram}_bucket`, labels), 'le')})`,
    legend: `p${q * 100}`,
  }));
}

const datasource = { type: 'prometheus', uid: '${datasource}' };

const defaultWidth = { timeseries: 8, stat: 3, table: 24 };
const height = { timeseries: 8, stat: 4, table: 12 };

/** The dashboard JSON for Grafana. */
export function render({ uid, title, description, choices = [], rows }: Dashboard): object {
  return {
    uid,
    title,
    description,
    tags: ['weir'],
    editable: false,
    schemaVersion: 39,
    version: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    graphTooltip: 1,
    links: [{ type: 'dashboards', tags: ['weir'], title: 'Weir', asDropdown: true, includeVars: true, keepTime: true }],
    templating: { list: [source, ...[job, instance, ...choices].map(variable)] },
    panels: place(rows),
  };
}

const source = { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: {}, hide: 0 };
const job: Choice = { name: 'job', label: 'Job', query: 'label_values(weir_build_info, job)' };
const instance: Choice = { name: 'instance', label: 'Instance', query: 'label_values(weir_build_info{job=~"$job"}, instance)' };

const variable = ({ name, label, query }: Choice): object => ({
  name,
  label,
  type: 'query',
  datasource,
  query,
  refresh: 2,
  multi: true,
  includeAll: true,
  allValue: '.+',
  current: { selected: true, text: 'All', value: '$__all' },
  sort: 1,
  hide: 0,
});

/** Places rows below each other, and the panels of a row side by side, wrapping at the full width. */
function place(rows: readonly Row[]): object[] {
  const placed: object[] = [];
  let y = 0;
  for (const row of rows) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { h: 1, w: 24, x: 0, y: y++ },
    });
    let x = 0;
    let lineHeight = 0;
    for (const panel of row.panels) {
      const kind = panel.kind ?? 'timeseries';
      const w = panel.width ?? defaultWidth[kind];
      if (x + w > 24) {
        y += lineHeight;
        x = 0;
        lineHeight = 0;
      }
      placed.push({ id: placed.length + 1, ...body(panel, kind), gridPos: { h: height[kind], w, x, y } });
      x += w;
      lineHeight = Math.max(lineHeight, height[kind]);
    }
    y += lineHeight;
  }
  return placed;
}

function body(panel: Panel, kind: 'timeseries' | 'stat' | 'table'): object {
  const { title, description, unit, queries, thresholds } = panel;
  const steps = [
    { color: 'green', value: null },
    ...(thresholds === undefined ? [] : ['yellow', 'red'].map((color, i) => ({ color, value: thresholds[i] }))),
  ];
  return {
    type: kind,
    title,
    description,
    datasource,
    targets: queries.map(({ expr, legend }, i) => ({
      refId: String.fromCodePoint(65 + i),
      datasource,
      expr,
      legendFormat: legend,
      ...(kind === 'timeseries' ? { range: true } : { instant: true, range: false }),
      ...(kind === 'table' ? { format: 'table' } : {}),
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: 'absolute', steps },
        ...(kind === 'timeseries' ? { custom: custom(panel) } : {}),
      },
      overrides: [],
    },
    options: options[kind],
    ...(kind === 'table' ? { transformations: table(queries) } : {}),
  };
}

const custom = ({ stacked = false }: Panel): object => ({
  drawStyle: 'line',
  lineWidth: 1,
  fillOpacity: stacked ? 30 : 8,
  showPoints: 'never',
  spanNulls: false,
  stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
});

const options = {
  timeseries: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  stat: { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } },
  table: { showHeader: true, cellHeight: 'sm' },
};

/** One row for each series, one column for each query, named by its legend. */
const table = (queries: readonly Query[]): object[] => [
  { id: 'merge', options: {} },
  {
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      renameByName: Object.fromEntries(queries.map(({ legend }, i) => [`Value #${String.fromCodePoint(65 + i)}`, legend])),
    },
  },
];
