import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minorUnits } from '../../../engine/cli/csv/events.ts';
import { csvReader, type CsvRecord } from '../../../engine/cli/csv/records.ts';
import { texts } from '../../../engine/replay/texts.ts';

const weir = resolve(import.meta.dirname, '../../../bin/weir');
let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'weir-csv-'))));
afterAll(() => rm(folder, { recursive: true }));

type Outcome = { readonly code: number; readonly events: Record<string, unknown>[]; readonly said: string };

/** Runs `weir csv` on a file with that content. */
async function csv(content: string | Buffer, ...args: string[]): Promise<Outcome> {
  const file = join(folder, 'in.csv');
  await writeFile(file, content);
  return new Promise((done) => {
    execFile(weir, ['csv', file, ...args], (error, stdout, stderr) => {
      const events = stdout.split('\n').filter((line) => line !== '');
      done({ code: typeof error?.code === 'number' ? error.code : 0, events: events.map((line) => JSON.parse(line)), said: stderr });
    });
  });
}

function read(pieces: readonly string[], separator?: string): CsvRecord[] {
  const reader = csvReader(separator);
  return [...pieces.flatMap((text) => reader.push({ text, valid: true })), ...reader.end()];
}

describe('csv records', () => {
  it('read back what was written, wherever the text is split into chunks', () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', '😀') });
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const cuts = fc.array(fc.nat({ max: 20 }), { maxLength: 10 });
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), cuts, (table, end, last, lengths) => {
        const text = table.map((row) => row.map(quoted).join(',')).join(end) + (last ? end : '');
        const pieces: string[] = [];
        let rest = Array.from(text);
        for (const length of lengths) {
          pieces.push(rest.slice(0, length).join(''));
          rest = rest.slice(length);
        }
        const records = read([...pieces, rest.join('')]);
        expect(records.map(({ fields }) => fields)).toEqual(table);
        expect(records.every(({ fault }) => fault === undefined)).toBe(true);
      }),
    );
  });

  it('skip a byte order mark and blank lines, and count lines inside quotes', () => {
    const records = read(['\uFEFFa,b\n\n', '"x\ny",2\r\n\r\n3,4']);
    expect(records.map(({ fields }) => fields)).toEqual([
      ['a', 'b'],
      ['x\ny', '2'],
      ['3', '4'],
    ]);
    expect(records.map(({ line }) => line)).toEqual([1, 3, 6]);
  });

  it.each([
    ['a"b,1\n2,3', 'a quote inside an unquoted field', 2],
    ['"a"b,1\n2,3', 'text after a closing quote', 2],
    ['1,"2\n3,4', 'a quote that is never closed', 1],
  ])('report what is wrong with %j, and continue', (text, fault, count) => {
    const records = read([text]);
    expect(records[0]!.fault).toBe(fault);
    expect(records).toHaveLength(count);
  });

  it('give up on an unclosed quote after a megabyte, and continue after the line', () => {
    const records = read([`"${'x'.repeat(1_100_000)}\n1,2`]);
    expect(records.map(({ fault }) => fault === undefined)).toEqual([false, true]);
  });
});

describe('bytes that are not UTF-8', () => {
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
  /** Records of the bytes, read in chunks of that size. */
  async function readBytes(bytes: Buffer, size: number): Promise<CsvRecord[]> {
    const reader = csvReader();
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
    const records: CsvRecord[] = [];
    for await (const piece of texts(Readable.from(chunks))) records.push(...reader.push(piece));
    return [...records, ...reader.end()];
  }

  it.each(['\n', '\r\n', '\r'])('spoil only their own record, wherever the chunks end, with line ends %j', async (end) => {
    const [a, z] = [`\uFEFFn,é\uFFFD€😀${end}1,"é${end}€"${end}`, `3,😀${end}`].map((text) => Buffer.from(text));
    const bytes = Buffer.concat([a!, latin1(`2,"caf\xe9${end}x, y"${end}`), z!, latin1('4,\xe9')]);
    for (let size = 1; size <= bytes.length; size++) {
      const records = await readBytes(bytes, size);
      expect(records.map(({ fault }) => fault?.split(':')[0])).toEqual([undefined, undefined, 'invalid-utf8', undefined, 'invalid-utf8']);
      expect(records.filter(({ fault }) => fault === undefined).map(({ fields }) => fields)).toEqual([
        ['n', 'é\uFFFD€😀'],
        ['1', `é${end}€`],
        ['3', '😀'],
      ]);
      expect(records.map(({ line }) => line)).toEqual([1, 2, 4, 6, 7]);
    }
  });

  it('are reported with their line, and the other rows are kept', async () => {
    const rows = [Buffer.from('\uFEFFid,name\n1,José\n'), latin1('2,Jos\xe9\n'), Buffer.from('3,Zoë\n')];
    const { code, events, said } = await csv(Buffer.concat(rows), '--dataset', 't', '--id', 'id');
    expect(code).toBe(1);
    expect(events.map(({ id, name }) => [id, name])).toEqual([
      ['1', 'José'],
      ['3', 'Zoë'],
    ]);
    expect(said).toContain('in.csv:3: invalid-utf8: holds bytes that are not UTF-8');
    expect(said).toContain('2 events, 1 bad rows');
  });

  it('in the header are refused', async () => {
    const { code, said } = await csv(latin1('id,pr\xe9nom\n1,x\n'), '--dataset', 't');
    expect([code, said]).toEqual([2, expect.stringContaining('in.csv: invalid-utf8: holds bytes that are not UTF-8')]);
  });

  it('do not include characters that are split between chunks', async () => {
    const name = '😀'.repeat(200_000);
    const { code, events } = await csv(`id,name\n1,${name}\n`, '--dataset', 't');
    expect([code, events[0]!['name'] === name]).toEqual([0, true]);
  });
});

describe('minor units', () => {
  it('are exact for every amount with two decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9_000_000_000_000, max: 9_000_000_000_000 }), (minor) => {
        const digits = String(Math.abs(minor)).padStart(3, '0');
        expect(minorUnits(`${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`, 2)).toBe(minor);
      }),
    );
  });

  it.each([
    ['66.37', 2, 6637],
    ['4.1', 2, 410],
    ['4.100', 2, 410],
    ['7', 2, 700],
    ['7.', 0, 7],
    ['0.1234', 4, 1234],
    ['0.001', 2, undefined],
    ['1e3', 2, undefined],
    ['', 2, undefined],
    ['90071992547409.92', 2, undefined],
  ])('of %j with %i digits: %j', (text, digits, minor) => expect(minorUnits(text, digits)).toBe(minor));
});

describe('weir csv', () => {
  it('maps rows to events: text stays text, money and times are read, labels are left out', async () => {
    const text = 'when,card,amt,lat,fraud\n1704067205,379733484344378000,66.37,42.5,1\n';
    const { code, events } = await csv(
      text,
      '--dataset',
      'p',
      '--id',
      'card',
      '--time',
      'when',
      '--money',
      'amt',
      '--number',
      'lat',
      '--drop',
      'fraud',
    );
    expect(code).toBe(0);
    expect(events).toEqual([
      {
        'event.dataset': 'p',
        'event.id': '379733484344378000',
        '@timestamp': '2024-01-01T00:00:05.000Z',
        when: '1704067205',
        card: '379733484344378000',
        amt: '66.37',
        amt_minor: 6637,
        lat: 42.5,
      },
    ]);
  });

  it('reads gzip, and turns step numbers into times', async () => {
    const { events } = await csv(
      gzipSync('step,v\n1,a\n31,b\n'),
      '--dataset',
      't',
      '--time',
      'step',
      '--start',
      '2017-01-01T00:00:00Z',
      '--every',
      '1d',
    );
    expect(events.map((event) => [event['event.id'], event['@timestamp']])).toEqual([
      ['row-1', '2017-01-02T00:00:00.000Z'],
      ['row-2', '2017-02-01T00:00:00.000Z'],
    ]);
  });

  it('reports bad rows and keeps the others', async () => {
    const { code, events, said } = await csv(
      't,v\n2026-01-01T00:00:00Z,1\nyesterday,2\n2026-01-01T00:00:00Z\n2026-01-01T00:00:00Z,x\n',
      '--dataset',
      't',
      '--time',
      't',
      '--number',
      'v',
    );
    expect(code).toBe(1);
    expect(events).toHaveLength(1);
    expect(said).toMatch(/in\.csv:3: t: time .*yesterday/);
    expect(said).toContain('in.csv:4: 1 fields, but the header has 2');
    expect(said).toContain("in.csv:5: v: 'x' is not a number");
    expect(said).toContain('1 events, 3 bad rows');
  });

  it.each([
    [['--dataset', 't', '--money', 'amount'], "unknown column 'amount'; the header has a, b"],
    [[], '--dataset is required'],
    [['--dataset', 't', '--every', '1d'], '--start and --every must be used together'],
    [['--dataset', 't', '--separator', '""'], '--separator takes one character'],
  ])('refuses %j', async (args, message) => {
    const { code, said } = await csv('a,b\n1,2\n', ...args);
    expect([code, said]).toEqual([2, expect.stringContaining(message)]);
  });

  it('keeps hostile column names as data', async () => {
    const { events } = await csv('__proto__,constructor\nx,y\n', '--dataset', 't');
    expect(Object.getOwnPropertyNames(events[0])).toEqual(expect.arrayContaining(['__proto__', 'constructor']));
  });
});
