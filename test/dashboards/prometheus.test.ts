/** The rules for Prometheus: promtool accepts them, and each alert has a firing case, a silent case and a section in the documentation. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { alertRules, recordingRules, ruleQueries, top } from '../support/dashboards.ts';
import { ensurePrometheus } from '../support/prometheus.ts';
import { readPromql } from '../support/promql.ts';

const folder = join(top, 'dashboards/prometheus');
const tests = readdirSync(join(folder, 'tests')).map((name) => join(folder, 'tests', name));
const promtool = (...args: string[]): string => execFileSync('promtool', args, { encoding: 'utf8', cwd: folder });

beforeAll(ensurePrometheus, 20 * 60_000);

describe('promtool', () => {
  it('accepts the configuration and the rules', () => {
    expect(promtool('check', 'config', '--syntax-only', 'prometheus.yml')).toContain('SUCCESS');
    expect(promtool('check', 'rules', 'rules.yml', 'alerts.yml')).toContain(`SUCCESS: ${alertRules.length} rules found`);
  });

  it('passes all test cases of the alerts', () => {
    expect(promtool('test', 'rules', ...tests)).toContain('SUCCESS');
  });
});

test('every alert has a firing and a silent case', () => {
  type Case = { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] };
  const cases = tests.flatMap((file) => (parse(readFileSync(file, 'utf8')) as { tests: Case[] }).tests);
  const expected = cases.flatMap(({ alert_rule_test: some }) => some);
  for (const { alert } of alertRules) {
    const firing = expected.filter(({ alertname }) => alertname === alert).map(({ exp_alerts: alerts }) => alerts.length > 0);
    expect(firing, alert).toContain(true);
    expect(firing, alert).toContain(false);
  }
});

describe('every alert', () => {
  it.each(alertRules.map((rule) => [rule.alert, rule] as const))('%s', (name, rule) => {
    expect(name).toMatch(/^Weir(?:[A-Z][a-z]+)+$/);
    expect(['critical', 'warning', 'info']).toContain(rule.labels?.['severity']);
    expect(rule.for).toMatch(/^\d+m$/);
    expect(Object.keys(rule.annotations ?? {}).toSorted()).toEqual(['description', 'runbook_url', 'summary']);
    expect(rule.annotations!['runbook_url']).toBe(`docs/operating.md#${name!.toLowerCase()}`);
    expect(readFileSync(join(top, 'docs/operating.md'), 'utf8')).toContain(`\n### ${name}\n`);
  });

  it('has a section in the documentation, and every such section an alert', () => {
    const pages = [...readFileSync(join(top, 'docs/operating.md'), 'utf8').matchAll(/^### (Weir\w+)$/gm)].map(([, name]) => name);
    expect(pages).toEqual(alertRules.map(({ alert }) => alert));
  });
});

test('recording rules are named level:metric:operations after their labels, and are used or documented', () => {
  const used = ruleQueries.flatMap(({ expr }) => readPromql(expr).selectors.map(({ metric }) => metric));
  const unused = recordingRules.filter(({ record }) => !used.includes(record!)).map(({ record }) => record);
  const documented = readFileSync(join(top, 'docs/operating.md'), 'utf8');
  for (const record of unused) expect(documented).toContain(`\`${record}\``);
  for (const { record, expr } of recordingRules) {
    const [, level, metric] = /^([a-z_]+):(weir_[a-z_]+):[a-z0-9_]+$/.exec(record!) ?? [];
    const kept = new Set(readPromql(expr).grouped.filter((label) => label !== 'le' && label !== 'shard'));
    expect(level!.split('_'), record).toEqual([...kept]);
    expect(metric, record).not.toMatch(/_total$/);
  }
});
