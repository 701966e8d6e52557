/** The rules of Grafana's own dashboard linter, applied to the shipped files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { dashboards as built, fileOf, folder, textOf } from '../../dashboards/build.ts';
import { createMetrics } from '../../engine/metrics/metrics.ts';
import { stageNames } from '../../engine/runtime/metering/meter.ts';
import { dashboards, panelQueries, shown, top } from '../support/dashboards.ts';
import { filledIn, readPromql } from '../support/promql.ts';

test.each(built.map((dashboard) => [fileOf(dashboard), dashboard] as const))('%s is up to date: npm run dashboards', (file, dashboard) => {
  expect(readFileSync(join(folder, file), 'utf8')).toBe(textOf(dashboard));
});

test('there are no other files, and no uid or title twice', () => {
  expect(dashboards.map(({ file }) => file).toSorted()).toEqual(built.map(fileOf).toSorted());
  for (const of of [dashboards.map(({ uid }) => uid), dashboards.map(({ title }) => title)]) expect(new Set(of).size).toBe(built.length);
});

describe.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))('%s', (_title, dashboard) => {
  it('is not editable in Grafana, where edits would be overwritten', () => {
    expect(dashboard.editable).toBe(false);
    expect(dashboard.uid).toMatch(/^weir-[a-z]+$/);
  });

  it('has variables for data source, job and instance', () => {
    const [source, job, instance, ...others] = dashboard.templating.list;
    expect(others.map(({ name }) => name)).toEqual(dashboard.uid === 'weir-rules' ? ['rule'] : []);
    expect(source).toMatchObject({ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' });
    for (const [variable, name, label] of [
      [job, 'job', 'Job'],
      [instance, 'instance', 'Instance'],
    ] as const) {
      const all = { multi: true, allValue: '.+', refresh: 2, datasource: { uid: '${datasource}' } };
      expect(variable).toMatchObject({ name, label, type: 'query', ...all });
      const asked = /^label_values\((.*), (\w+)\)$/.exec(variable!.query)!;
      expect([asked[2], readPromql(filledIn(asked[1]!)).selectors[0]!.metric]).toEqual([name, 'weir_build_info']);
    }
  });

  it('has a title, a description and a unit on every panel', () => {
    for (const { title, description, fieldConfig, targets } of shown(dashboard)) {
      expect(title, 'a title').toMatch(/^[A-Z]/);
      expect(description, title).toMatch(/^\S.{15,}\.$/);
      expect(fieldConfig?.defaults.unit, title).toMatch(/^\w+$/);
      expect(targets?.length, title).toBeGreaterThan(0);
    }
    const titles = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title!);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('uses the selected data source in each panel and each query', () => {
    for (const { title, datasource, targets } of shown(dashboard)) {
      expect(
        [datasource, ...targets!.map((target) => target.datasource)].map((one) => one?.uid),
        title,
      ).toEqual(Array(targets!.length + 1).fill('${datasource}'));
    }
  });

  it('places panels without overlap', () => {
    const cells = new Set<string>();
    for (const { gridPos, title } of dashboard.panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let i = x; i < x + w; i++)
        for (let j = y; j < y + h; j++) {
          expect(cells.has(`${i} ${j}`), `${title} at ${i} ${j}`).toBe(false);
          cells.add(`${i} ${j}`);
        }
    }
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

describe('every query', () => {
  const typeOf = async (): Promise<Map<string, string>> => {
    const { text } = await createMetrics({ installation: () => new Promise(() => undefined), installationMsMax: 1 }).expose();
    return new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
  };

  it('selects the chosen job and instance', () => {
    for (const { where, expr } of panelQueries)
      for (const { metric, matchers } of readPromql(filledIn(expr)).selectors)
        for (const label of ['job', 'instance']) expect(matchers, `${where}: ${metric}`).toContainEqual({ label, op: '=~', value: '.+' });
    for (const { expr } of panelQueries) expect(expr).toMatch(/job=~"\$job", instance=~"\$instance"/);
  });

  it('takes rates and increases of counters only, over the interval of the panel', async () => {
    const types = await typeOf();
    for (const { where, expr } of panelQueries) {
      for (const { metric, within, range } of readPromql(filledIn(expr, '11m', '13m')).selectors) {
        const base = types.has(metric) ? metric : metric.replace(/_(?:bucket|count|sum)$/, '');
        const isCounter = types.get(base) === 'counter' || types.get(base) === 'histogram';
        expect([metric, ['rate', 'increase'].includes(within[0] ?? '')], where).toEqual([metric, isCounter]);
        if (isCounter) expect(range, where).toBe(within[0] === 'rate' ? '11m' : '13m');
        else expect(range, where).toBe(undefined);
      }
    }
  });
});

describe('the rules dashboard', () => {
  const rules = dashboards.find(({ uid }) => uid === 'weir-rules')!;

  it('lets the user select one, several or all rules of the selected processes', () => {
    const rule = rules.templating.list.at(-1)!;
    const { query, ...choice } = rule;
    const all = { multi: true, includeAll: true, allValue: '.+', refresh: 2, datasource: { uid: '${datasource}' } };
    expect(choice).toMatchObject({ name: 'rule', label: 'Rule', type: 'query', current: { text: 'All', value: '$__all' }, ...all });
    const [, asked, label] = /^label_values\((.*), (\w+)\)$/.exec(query)!;
    expect([label, readPromql(filledIn(asked!)).selectors]).toMatchObject([
      'rule',
      [{ metric: 'weir_rule_matches_total', matchers: [{ label: 'job' }, { label: 'instance' }] }],
    ]);
  });

  it('selects the chosen rules in every query by rule, and in no other', () => {
    const asked = shown(rules).flatMap(({ title, targets }) =>
      targets!.map(({ expr }) => ({ title, expr, ...readPromql(filledIn(expr)) })),
    );
    const byRule = asked.filter(({ grouped }) => grouped.includes('rule'));
    expect(byRule.length).toBe(15);
    for (const { title, expr, selectors } of asked) {
      const chosen = selectors.map(({ matchers }) =>
        matchers.some(({ label, op, value }) => label === 'rule' && op === '=~' && value === '.+'),
      );
      expect(new Set(chosen), title).toEqual(new Set([byRule.some((one) => one.expr === expr)]));
    }
    for (const { expr } of byRule) expect(expr).toContain('rule=~"$rule"');
  });
});

test('the overview has a row for each stage, in order', () => {
  const overview = dashboards.find(({ uid }) => uid === 'weir-overview')!;
  const rows = overview.panels.filter(({ type }) => type === 'row').map(({ title }) => title!.toLowerCase());
  expect(rows.filter((row) => (stageNames as readonly string[]).includes(row))).toEqual([...stageNames]);
});

test('the provisioning files point to existing files and sources', () => {
  const read = (path: string): unknown => parse(readFileSync(join(top, 'dashboards/grafana/provisioning', path), 'utf8'));
  expect(read('datasources/prometheus.yaml')).toMatchObject({
    datasources: [{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true }],
  });
  expect(read('dashboards/weir.yaml')).toMatchObject({ providers: [{ type: 'file', options: { path: '/etc/grafana/dashboards' } }] });
});
