/** A file without events differs from one without alerts: by its exit code, and by a hint on how to convert it. */
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { testFolder, weir } from '../explain/explain.support.ts';

const folder = testFolder();
const rules = folder.put('r.yaml', 'id: any\nconditions: { all: [{ fact: a, operator: exists, value: true }] }\n');

describe.each(['replay', 'match'])('%s', (command) => {
  const run = async (content: string | Buffer): Promise<{ code: number; stderr: string; stdout: string }> =>
    weir([command, folder.put('file', content), '--rules', rules]);

  it.each<[string, string | Buffer]>([
    ['CSV', 'time,user\n2026-01-01,ann\n2026-01-02,bob\n'],
    ['an image', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), deflateSync('x'.repeat(2000))])],
    ['one object over many lines', '{\n  "a": 1\n}\n'],
    ['a gzipped error page', gzipSync('<html>\n<body>404</body>\n</html>\n')],
    ['more bad lines than are listed', 'x\n'.repeat(50)],
  ])('exits 1 on %s, and says what format it expects', async (_, content) => {
    const { code, stdout, stderr } = await run(content);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^0 events, \d+ bad lines?, 0 /m);
    expect(stderr).toMatch(
      /^weir: not one line of \S*file is an event\n {2}Events are read one JSON object a line \(NDJSON\): .*weir csv of CSV\.$/m,
    );
  });

  it.each([
    ['on one line', '[{"a":1},{"a":2}]'],
    ['over many lines', '[\n  {\n    "a": 1\n  }\n]\n'],
    ['after blank lines', '\n \n[\n1]'],
    ['too large for an event', `[${'{"a":1},'.repeat(20_000)}{}]`],
  ])('exits 1 on an array %s, and says how to convert it to lines', async (_, content) => {
    const { code, stderr } = await run(content);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^weir: \S*file is one JSON array\n {2}.*\(NDJSON\): jq -c '\.\[\]' \S*file makes that of an array\.$/m);
  });

  it.each<[string, (whole: Buffer) => Buffer]>([
    ['ends too early, inside of its gzip data, and is not whole', (whole) => whole.subarray(0, whole.length / 2)],
    ['ends too early, inside of its gzip data, and is not whole', (whole) => whole.subarray(0, whole.length - 1)],
    ['gzip data is damaged (incorrect data check)', (whole) => whole.fill(0, whole.length - 8, whole.length - 4)],
  ])('a gzipped file that %s cannot be read', async (message, spoilt) => {
    const whole = gzipSync('{"a":1}\n'.repeat(5_000));
    const result = await run(spoilt(whole));
    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(message) as string]);
    expect(result.stderr).toContain('fetch or copy it again');
  });

  it('also says so if the last element of an array is a valid event on its own line', async () => {
    const { code, stderr } = await run('[\n{"a":1},\n{"a":2}\n]\n');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^1 events, 3 bad lines, /m);
    expect(stderr).toMatch(/file: begins as one JSON array; jq -c '\.\[\]' \S+ makes that of an array/);
  });

  it.each([
    ['nothing', ''],
    ['nothing but blank lines', '\n \r\n\t\n'],
    ['nothing, gzipped', gzipSync('')],
    ['bad lines and an event', 'x\n[1]\n{"b":1}\n'],
  ])('exits 0 on %s', async (_, content) => {
    const { code, stderr } = await run(content);
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/weir: |array;/);
  });

  it('leaves the file out of the hint for stdin', async () => {
    const { code, stderr } = await weir([command, '-', '--rules', rules], '[{"a":1}]');
    expect(code).toBe(1);
    expect(stderr).toContain(
      `weir: - is one JSON array\n  Events are read one JSON object a line (NDJSON): jq -c '.[]' makes that of an array.`,
    );
  });
});
