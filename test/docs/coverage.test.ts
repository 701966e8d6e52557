/** Code and documentation agree: what one lists, the other has. */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandNames } from '../../engine/cli/dispatch.ts';
import { variables, type Variable } from '../../engine/config/variables.ts';
import { decorators, laterOperators, operators } from '../../engine/compile/condition/operators.ts';
import { limits } from '../../engine/core/limits.ts';
import { rejectionCodes } from '../../engine/core/ingest/rejection.ts';
import { correlationKinds } from '../../engine/core/correlate/kinds.ts';
import { levels, statuses } from '../../engine/core/rule.ts';
import { exitCodes } from '../../engine/errors.ts';
import { scriptOf } from '../../engine/redis/commands/script.ts';
import { limitText } from './limit-text.ts';
import { codes, pages, tableOf, tablesOf, textOf, top } from './markdown.ts';

/** The first cell of each row, without backticks. */
const firsts = (rows: readonly string[][]): string[] => rows.flatMap(([cell]) => codes(cell ?? ''));
const settings: readonly Variable<unknown>[] = Object.values(variables);

describe('settings', () => {
  const rows = tableOf('docs/operating.md', 'variable');

  test('are all listed, in order, with their defaults', () => {
    expect(rows.map(([name, byDefault]) => [codes(name!)[0], codes(byDefault!)[0] ?? ''])).toEqual(
      settings.map(({ name, byDefault }) => [name, byDefault]),
    );
  });

  test('are named by no page unless they exist', () => {
    const named = pages.flatMap((page) => [...textOf(page).matchAll(/\b(?:WEIR_[A-Z_]+|REDIS_URL)\b/g)].map(([name]) => name));
    const others = ['WEIR_TEST_DATA']; // of tests
    expect([...new Set(named)].filter((name) => ![...settings.map((one) => one.name), ...others].includes(name))).toEqual([]);
  });
});

test('every limit is listed, in order, with its value', () => {
  const documented = tableOf('docs/operating.md', 'limit').map(([name, value]) => [codes(name!)[0], value]);
  expect(documented).toEqual(Object.entries(limits).map(([name, value]) => [name, limitText(name, value)]));
});

test('every command is listed, in the order of weir --help', () => {
  expect(firsts(tableOf('docs/commands.md', 'command'))).toEqual([...commandNames]);
});

test('the changelog begins with this version, and the image is tagged with it', () => {
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: string };
  expect(/^## \[(\S+)\] - \d{4}-\d{2}-\d{2}$/m.exec(textOf('CHANGELOG.md'))?.[1]).toBe(version);
  expect(readFileSync(join(top, 'docker-compose.yml'), 'utf8')).toContain(`image: weir:${version}\n`);
});

test('every npm script is listed on the page of commands', () => {
  const { scripts } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { scripts: object };
  const documented = firsts(tableOf('docs/commands.md', 'npm script')).map((script) => script.replace(/^npm (?:run )?/, ''));
  expect(documented.toSorted()).toEqual(
    Object.keys(scripts)
      .filter((script) => script !== 'weir')
      .toSorted(),
  );
});

test('every exit code is listed', () => {
  expect(tableOf('docs/errors.md', 'code').length).toBeGreaterThan(0);
  const documented = [
    ...textOf('docs/errors.md')
      .split('## Exit codes')[1]!
      .matchAll(/^\| (\d+) /gm),
  ].map(([, code]) => Number(code));
  expect(documented).toEqual([exitCodes.fine, exitCodes.findings, exitCodes.usage, 70, exitCodes.output, exitCodes.configuration]);
  expect(readFileSync(join(top, 'engine/cli/dispatch.ts'), 'utf8')).toContain('const unforeseen = 70;');
});

describe('errors', () => {
  const section = (title: string): string => textOf('docs/errors.md').split(`\n## ${title}\n`)[1]!.split('\n## ')[0]!;
  const documented = (title: string): string[] => [...section(title).matchAll(/^\| `([a-z0-9-]+)`/gm)].map(([, code]) => code!);

  test('list every code of an HTTP problem', () => {
    const given = new Set(httpCodes());
    expect(documented('HTTP problems').toSorted()).toEqual([...given].toSorted());
  });

  test('list every code of a rejected event', () => {
    expect(documented('Rejected events')).toEqual([...rejectionCodes]);
  });

  test('list every problem of a rules folder', () => {
    const source = readFileSync(join(top, 'engine/runtime/rules/folder.ts'), 'utf8');
    const given = new Set([...source.matchAll(/(?:refuse\(|case |code: )'([a-z0-9-]+)'/g)].map(([, code]) => code!));
    expect(documented('Problems of a rules folder').toSorted()).toEqual([...given].toSorted());
  });
});

/** Codes of HTTP problems in the source: in a constructor, as a `code`, or in a table of codes. */
function httpCodes(): string[] {
  // Formats of events also answer their clients with codes.
  const files = globSync(['api/**/*.ts', 'engine/runtime/ingest/formats/*.ts'], { cwd: top });
  const source = files.map((name) => readFileSync(join(top, name), 'utf8')).join('\n');
  const constructed = [...source.matchAll(/new HttpProblem\(\s*[^,]+,[^,]*?'([a-z-]+)'/g)];
  const named = [...source.matchAll(/\bcode: '([a-z-]+)'/g)];
  const tables = [...source.matchAll(/const codes\b[^=]*= \{([^}]*)\}/g)];
  return [...constructed, ...named, ...tables.flatMap(([, body]) => [...body!.matchAll(/: '([a-z-]+)'/g)])].map(([, code]) => code!);
}

describe('the rule language', () => {
  test('is documented with all correlation types, operators, decorators, levels and statuses', () => {
    expect(firsts(tableOf('docs/rules.md', 'type'))).toEqual(correlationKinds.map(({ name }) => name));
    expect(firsts(tableOf('docs/conditions.md', 'operator'))).toEqual([...operators.keys()]);
    expect(firsts(tableOf('docs/conditions.md', 'decorator'))).toEqual([...decorators.keys()].map((word) => `${word}:`));
    const keys = new Map(tableOf('docs/rules.md', 'key').map(([key, meaning]) => [codes(key!)[0], codes(meaning!)]));
    expect(keys.get('level')).toEqual([...levels]);
    expect(keys.get('status')!.toSorted()).toEqual([...statuses].toSorted());
    for (const word of laterOperators) expect(textOf('docs/rules.md') + textOf('docs/rule-problems.md')).toContain(`\`${word}\``);
  });

  test('is documented with all keys of a rule and of a step', () => {
    const lists = (file: string, name: string): string[] => {
      const source = readFileSync(join(top, 'engine/compile', file), 'utf8');
      const list = new RegExp(`const ${name}[^=]*= \\[([^\\]]*)\\]`).exec(source)![1]!;
      return [...list.matchAll(/'([^']+)'/g)].map(([, key]) => key!);
    };
    // json-rules-engine's own keys are in conditions.md; `settle` next to the correlation is accepted but not documented.
    const elsewhere = ['name', 'event', 'priority', 'settle'];
    expect(firsts(tableOf('docs/rules.md', 'key')).toSorted()).toEqual(
      lists('rule/native.ts', 'ruleKeys')
        .filter((key) => !elsewhere.includes(key))
        .toSorted(),
    );
    expect(firsts(tableOf('docs/rules.md', 'key of a step')).toSorted()).toEqual(lists('correlate/read-step.ts', 'keys').toSorted());
    for (const note of lists('rule/native.ts', 'noteKeys')) expect(textOf('docs/rules.md')).toContain(`\`${note}\``);
  });
});

describe('the layout of a window log', () => {
  const layouts = tablesOf('ARCHITECTURE.md').filter(([header]) => header?.[0] === 'bytes');
  const architecture = (layout: number): string[] => layouts[layout]!.slice(1).map(([bytes]) => bytes!);

  test('shows the header as append.lua defines it', () => {
    const script = scriptOf('append').text;
    const header = script.split('A log is one string')[1]!.split('Times are')[0]!;
    const rows = [...header.matchAll(/^-- +(\d+(?:-\d+)?) +[a-z]/gm)].map(([, bytes]) => bytes!);
    expect(architecture(0)).toEqual(rows);
    expect(textOf('ARCHITECTURE.md')).toContain(`header of ${/HEADER = (\d+)/.exec(script)![1]} bytes`);
    expect(textOf('docs/operating.md')).toContain(`takes ${/HEADER = (\d+)/.exec(script)![1]} bytes of header`);
  });

  test('shows the entry as log-codec.ts defines it', () => {
    const codec = readFileSync(join(top, 'engine/redis/correlate/log-codec.ts'), 'utf8');
    const comment = codec.slice(codec.indexOf('entry '), codec.indexOf('*/'));
    const ranges = [
      ...comment
        .split('\n\n')[0]!
        .split(' * 27 bytes')[0]!
        .matchAll(/(?:^|[ [])(\d+(?:-\d+)?)(?= )/g),
    ].map(([, range]) => range!);
    expect(architecture(1)).toEqual(ranges);
  });
});

test('every file that the architecture names exists', () => {
  const named = [...textOf('ARCHITECTURE.md').matchAll(/`((?:engine|api|test|rules|bin)\/[\w./-]*)`/g)].map(([, path]) => path!);
  expect(named.filter((path) => !exists(join(top, path)))).toEqual([]);
  expect(named.length).toBeGreaterThan(30);
});

test.each([
  ['real-input', 'docs/real-input.md', 8],
  ['bench', 'docs/benchmarks.md', 3],
])('the figures of %s in the README are those in %s', (name, page, least) => {
  const region = new RegExp(`<!-- ${name} -->([^]*)<!-- /${name} -->`).exec(textOf('README.md'))![1]!;
  const figures = [...region.matchAll(/\d[\d,.]*(?: of \d+| %)?/g)].map(([figure]) => figure.replace(/[.,]$/, ''));
  const source = textOf(page);
  expect(figures.filter((figure) => !source.includes(figure))).toEqual([]);
  expect(figures.length).toBeGreaterThan(least);
});

test('every dashboard, row and panel that the page for operators names exists', () => {
  const folder = join(top, 'dashboards/grafana/dashboards');
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const titles = texts.flatMap((text) => [...text.matchAll(/"title": "(?:Weir \/ )?([^"]+)"/g)].map(([, title]) => title!));
  const named = [...textOf('docs/operating.md').matchAll(/(?<!\w)_([A-Z][A-Za-z ]+)_(?!\w)/g)].map(([, title]) => title!);
  expect(named.filter((title) => !titles.includes(title))).toEqual([]);
  expect(named.length).toBeGreaterThan(5);
});

test('every link between pages has a target', () => {
  const broken = pages.flatMap((page) => {
    const folder = join(top, page, '..');
    const links = [
      ...textOf(page)
        .replace(/^```[^]*?^```$/gm, '')
        .matchAll(/\]\(([^)\s]+)\)/g),
    ].map(([, link]) => link!);
    return links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? join(top, page) : join(folder, path);
        if (anchor === undefined) return !exists(target);
        return !headings(readFileSync(target, 'utf8')).includes(anchor);
      })
      .map((link) => `${page}: ${link}`);
  });
  expect(broken).toEqual([]);
});

function exists(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR';
  }
}

/** The anchors of a page's headings, as on the web page of a repository. */
const headings = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
