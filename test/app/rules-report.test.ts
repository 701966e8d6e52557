/** What the log says of each load of the rules. */
import { expect, it } from 'vitest';
import { rulesReport, type ReportParts } from '../../engine/app/rules-report.ts';
import { compile } from '../../engine/compile/index.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import type { Loaded } from '../../engine/runtime/rules/reload.ts';

const untested = (id: string): string => `id: ${id}\nconditions: { all: [{ fact: a, operator: exists, value: true }] }\n`;
const loadedOf = (...texts: string[]): Loaded => compile([{ path: 'rules/r.yaml', text: texts.join('---\n') }]);

/** Reports loads into lines such as `warn rules/r.yaml:1:1: …`. */
function reporting(): { readonly report: (loaded: Loaded) => void; readonly lines: string[]; readonly last: () => unknown } {
  const lines: string[] = [];
  let last: unknown;
  const write = (level: string) => (fields: unknown, text?: string) => {
    lines.push(`${level} ${text ?? String(fields)}`);
    last = fields;
  };
  const log = { info: write('info'), warn: write('warn'), error: write('error') } as unknown as ReportParts['log'];
  return { report: rulesReport({ metrics: { meter: silent }, log, webhookTargets: [] }), lines, last: () => last };
}

it('names each warning and each error, and counts both', () => {
  const { report, lines, last } = reporting();
  report(loadedOf(untested('good'), `${untested('bad')}enabled: false\n`));
  expect(lines).toEqual([
    'error rules/r.yaml:6:1: unknown key "enabled" in rule',
    'info rules loaded',
    'warn rules/r.yaml:1:1: this rule has no tests',
    'warn rules/r.yaml:4:1: this rule has no tests',
  ]);
  lines.length = 0;
  report(loadedOf(untested('good')));
  expect(lines).toEqual(['info rules loaded']);
  expect(last()).toMatchObject({ rules: 1, errors: 0, warnings: 1 });
});

it('names a warning again once it has been away, and errors at each load', () => {
  const { report, lines } = reporting();
  report(loadedOf(untested('good')));
  report(loadedOf());
  report(loadedOf(untested('good')));
  expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(2);
  lines.length = 0;
  for (let i = 0; i < 2; i++) report(loadedOf(`${untested('bad')}enabled: false\n`));
  expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(2);
});

it('sums up the warnings beyond a hundred', () => {
  const { report, lines, last } = reporting();
  // A file each: the compiler sums up what one file has beyond a hundred.
  report(compile(Array.from({ length: 130 }, (_, n) => ({ path: `rules/r-${n}.yaml`, text: untested(`r-${n}`) }))));
  expect(lines).toHaveLength(1 + 100 + 1);
  expect(lines.at(-1)).toMatch(/^warn more warnings/);
  expect(last()).toEqual({ more: 30 });
});
