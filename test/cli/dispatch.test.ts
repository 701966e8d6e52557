/** The command line as a program: starting bin/weir from anywhere, answers to wrong usage, streams and exit codes. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArgs } from '../../engine/cli/args.ts';
import { commandNames, failed, runCli } from '../../engine/cli/dispatch.ts';
import { openIo } from '../../engine/cli/output.ts';
import { WeirError } from '../../engine/errors.ts';
import { start } from '../support/processes.ts';

const top = join(import.meta.dirname, '../..');
const weir = join(top, 'bin/weir');
const base = mkdtempSync(join(tmpdir(), 'weir cli '));
afterAll(() => rmSync(base, { recursive: true }));

type Result = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = base): Promise<Result> {
  const child = start(command, args, { cwd, env: { PATH: process.env['PATH'], ...env } });
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

/** Runs a command line in this process, on streams of the test. */
async function call(argv: readonly string[], env: Record<string, string> = {}): Promise<Result> {
  const text = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof text): PassThrough =>
    new PassThrough().setEncoding('utf8').on('data', (part: string) => (text[name] += part)) as PassThrough;
  const code = await runCli(argv, { stdin: Readable.from([]), stdout: sink('stdout'), stderr: sink('stderr') }, env);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...text };
}

describe('bin/weir', () => {
  it('runs from any folder, and prints nothing it was not asked for', async () => {
    const { code, stdout, stderr } = await run(weir, ['--version']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('runs through absolute and relative symlinks, in folders with spaces', async () => {
    const links = join(base, 'a b', 'bin');
    mkdirSync(links, { recursive: true });
    symlinkSync(weir, join(links, 'first'));
    symlinkSync('first', join(links, 'we ir'));
    symlinkSync(join('a b', 'bin', 'we ir'), join(base, '-link'));
    for (const link of [join(links, 'first'), join(links, 'we ir'), join(base, '-link')]) {
      expect(await run(link, ['--version'])).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await run('sh', ['-c', 'PATH="$PWD:$PATH"; ./-link --version'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('runs without a Node on the PATH, and ignores one that is too old', async () => {
    const tools = join(base, 'old');
    mkdirSync(tools);
    writeFileSync(join(tools, 'node'), '#!/bin/sh\necho v20.11.1\n');
    chmodSync(join(tools, 'node'), 0o755);
    for (const name of ['sh', 'dirname', 'readlink']) symlinkSync(join('/usr/bin', name), join(tools, name));
    expect(await run(weir, ['--version'], { PATH: tools })).toMatchObject({ code: 0, stderr: '' });
    rmSync(join(tools, 'node'));
    expect(await run(weir, ['--version'], { PATH: tools })).toMatchObject({ code: 0, stderr: '' });
  });

  it('writes its compile cache to NODE_COMPILE_CACHE, and runs without one if it cannot', async () => {
    const kept = join(base, 'compiled');
    expect(await run(weir, ['--version'], { NODE_COMPILE_CACHE: kept })).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(kept)).not.toEqual([]);
    writeFileSync(join(base, 'a file'), '');
    expect(await run(weir, ['--version'], { NODE_COMPILE_CACHE: join(base, 'a file/x') })).toMatchObject({ code: 0, stderr: '' });
  });

  describe('in a checkout', () => {
    const checkout = join(base, 'check out');
    const there = join(checkout, 'bin/weir');
    beforeAll(() => {
      mkdirSync(checkout);
      cpSync(join(top, 'bin'), join(checkout, 'bin'), { recursive: true });
    });
    const systemNode = (version: string): NodeJS.ProcessEnv => {
      const tools = mkdtempSync(join(base, 'node-'));
      writeFileSync(join(tools, 'node'), `#!/bin/sh\nif [ "$1" = --version ]; then echo '${version}'; else echo "ran $*"; fi\n`);
      chmodSync(join(tools, 'node'), 0o755);
      return { PATH: `${tools}:/usr/bin:/bin` };
    };

    it('without its dependencies says what to run', async () => {
      const { code, stderr } = await run(there, ['up'], systemNode('v24.0.0'));
      expect(code).toBe(78);
      expect(stderr).toBe(`weir: dependencies are not installed. Run 'npm ci' in ${checkout}.\n`);
    });

    it.each([
      ['v22.18.0', true],
      ['v22.20.1', true],
      ['v24.0.0', true],
      ['v100.1.0', true],
      ['v22.17.9', false],
      ['v20.19.5', false],
      ['nonsense', false],
      ['', false],
    ])('without the pinned Node uses the system’s %s: %s', async (version, taken) => {
      mkdirSync(join(checkout, 'node_modules/ioredis'), { recursive: true });
      const { code, stdout, stderr } = await run(there, ['up', 'a b'], systemNode(version));
      const ran = { code: 0, stdout: `ran --disable-warning=ExperimentalWarning ${checkout}/engine/cli/main.ts up a b\n`, refused: false };
      expect({ code, stdout, refused: stderr.includes('no Node 22.18 or newer') }).toEqual(
        taken ? ran : { code: 78, stdout: '', refused: true },
      );
    });
  });

  it('replaces itself with the program, so that signals reach it', async () => {
    const child = start(weir, ['replay', '-', '--rules', join(top, 'rules')], { cwd: base, stdio: ['pipe', 'pipe', 'pipe'] });
    child.process.kill('SIGTERM');
    expect((await child.ended).signal).toBe('SIGTERM');
  });

  it('ends quietly when the reader closes the pipe', async () => {
    const { stdout, stderr } = await run('sh', ['-c', `'${weir}' --help | head -n 1; '${weir}' --help | true`]);
    expect(stdout).toBe('Weir: real-time fraud and security correlation.\n');
    expect(stderr).toBe('');
  });
});

describe('dispatch', () => {
  it('lists the commands with --help, and on stderr when no command is given', async () => {
    const help = await call(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const name of commandNames) expect(help.stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    expect(await call(['help'])).toEqual(help);
    expect(await call([])).toEqual({ code: 2, stdout: '', stderr: help.stdout });
  });

  it.each(commandNames)('%s --help shows its usage', async (name) => {
    const { code, stdout, stderr } = await call([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`weir ${name}`);
    expect(await call(['help', name])).toEqual({ code, stdout, stderr });
    expect(await call(['-h', name])).toEqual({ code, stdout, stderr });
  });

  it.each([
    [['replya'], "unknown command 'replya'; did you mean 'replay'?"],
    [['help', 'chekc'], "unknown command 'chekc'; did you mean 'check'?"],
    [['xyzzyxyzzy'], "unknown command 'xyzzyxyzzy'\n"],
    [['--verison'], "unknown option '--verison'"],
    [['../errors'], "unknown command '../errors'"],
    [['doctor', '--jsno'], "unknown option '--jsno'"],
    [['doctor', 'extra'], "unexpected argument 'extra'"],
  ])('%j is wrong usage', async (argv, message) => {
    const { code, stdout, stderr } = await call(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('prints expected errors with a hint, and the stack of unexpected ones only at debug level', () => {
    const said = (error: unknown, env: Record<string, string> = {}): [number, string] => {
      const lines: string[] = [];
      const code = failed(error, env, (line) => lines.push(line));
      return [code, lines.join('\n')];
    };
    expect(said(new WeirError('the disk is full.', 'Make room.'))).toEqual([78, 'weir: the disk is full.\n  Make room.']);
    expect(said(new WeirError('wrong', '', 2))).toEqual([2, 'weir: wrong']);
    expect(said(new TypeError('x is not a function'))).toEqual([
      70,
      'weir: unexpected error: x is not a function\n  WEIR_LOG_LEVEL=debug shows where it was thrown.',
    ]);
    expect(said(new TypeError('x'), { WEIR_LOG_LEVEL: 'debug' })[1]).toContain('dispatch.test.ts');
    expect(said('a text')[0]).toBe(70);
  });
});

describe('options', () => {
  it('are read as declared', () => {
    const { values, positionals } = readArgs('replay', ['a', '--rules', 'r', '--', '--b'], { rules: { type: 'string' } }, [1, 2]);
    expect({ ...values, positionals }).toEqual({ rules: 'r', positionals: ['a', '--b'] });
  });

  it('may have negative numbers as values, and be repeated if declared multiple', () => {
    const options = { most: { type: 'string' }, drop: { type: 'string', multiple: true }, all: { type: 'boolean' } } as const;
    const args = ['--most', '-1', '--drop', 'a', '--drop', '-.5', '--all', '--all', '--', '--most', '-2'];
    const { values, positionals } = readArgs('csv', args, options, [0, 9]);
    expect({ ...values, positionals }).toEqual({ most: '-1', drop: ['a', '-.5'], all: true, positionals: ['--most', '-2'] });
  });

  it.each([
    [['--ruels', 'x'], "unknown option '--ruels'; did you mean --rules?"],
    [['--rules'], '--rules needs a value'],
    [['--rules', '--json', 'a'], '--rules needs a value; write one that begins with a dash as --rules=-…'],
    [['--json=yes', 'a'], "Option '--json' does not take an argument"],
    [['a', '--rules', 'r', '--rules=s'], '--rules is given twice; it takes one value'],
    [[], 'missing argument'],
    [['a', 'b'], "unexpected argument 'b'"],
  ])('%j: says what is wrong', (args, message) => {
    expect(() => readArgs('replay', args, { rules: { type: 'string' }, json: { type: 'boolean' } }, [1, 1])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message) as string,
        exitCode: 2,
        hint: expect.stringContaining('weir replay --help') as string,
      }) as Error,
    );
  });
});

describe('colours', () => {
  const io = (isTTY: boolean, env: Record<string, string>, noColor = false) =>
    openIo({ stdin: Readable.from([]), stdout: Object.assign(new PassThrough(), { isTTY }), stderr: new PassThrough() }, env, {
      json: false,
      noColor,
    }).color.stdout;
  it('are used on a terminal, unless NO_COLOR, TERM or --no-color say otherwise', () => {
    expect(io(true, {})).toBe(true);
    expect([io(false, {}), io(true, { NO_COLOR: '1' }), io(true, { TERM: 'dumb' }), io(true, {}, true)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(io(true, { NO_COLOR: '' })).toBe(true);
  });
});
