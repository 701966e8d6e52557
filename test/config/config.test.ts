import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotenv, loadConfig, readConfig, type Environment } from '../../engine/config/config.ts';
import { variables } from '../../engine/config/variables.ts';
import { envExample } from '../support/env-example.ts';
import { memory, sizeText, bytes } from '../../engine/config/values.ts';
import { hashOf, keySetting } from '../../engine/core/access/api-key.ts';
import { WeirError } from '../../engine/errors.ts';

const read = (env: Environment, file: Environment = {}) => readConfig(env, file, '/srv/weir');
const problemsOf = (env: Environment) => read(env).problems.map((problem) => problem.variable);

describe('defaults', () => {
  it('apply when nothing is set', () => {
    const { config, problems, unknown } = read({});
    expect(problems).toEqual([]);
    expect(unknown).toEqual([]);
    expect(config).toMatchObject({
      redisUrl: undefined,
      host: '127.0.0.1',
      port: 8080,
      rulesPath: '/srv/weir/rules',
      dataPath: '/srv/weir/data',
      keys: [],
      latenessMs: 300_000,
      lagMsMax: 86_400_000,
      fsync: 'everysec',
      logLevel: 'info',
      partitions: 64,
      shards: 4,
      eventBytesMax: 65_536,
      requestBytesMax: 10 * 1024 * 1024,
    });
    expect(config!.maxmemoryBytes).toBeGreaterThanOrEqual(256 * 1024 * 1024);
  });

  it('are what .env.example shows: `vitest run test/config/config.test.ts -u` rewrites it', async () => {
    await expect(envExample()).toMatchFileSnapshot('../../.env.example');
  });

  it('are the same when .env.example is used as .env', () => {
    const file = dotenv(join(import.meta.dirname, '../../.env.example'));
    expect(Object.keys(file).toSorted()).toEqual(
      Object.values(variables)
        .map((entry) => entry.name)
        .toSorted(),
    );
    expect(read({}, file)).toEqual(read({}));
  });

  it('every example is valid', () => {
    for (const entry of Object.values(variables))
      expect(
        readConfig({ WEIR_KEYS: variables.keys.example, [entry.name]: entry.example }, {}, '/srv/weir', () => 'soc=0123456789abcdef')
          .problems,
      ).toEqual([]);
  });
});

describe('API keys', () => {
  const secret = 'weir_0123456789abcdefghijABCDEFGHIJ0123456789';
  const keysOf = (text: string) => read({ WEIR_KEYS: text }).config?.keys;

  it('are kept as hashes; without scopes they grant everything', () => {
    const plain = keysOf(`soc:triage+read=${secret}, ${secret}1,shop=${secret}2`);
    expect(plain).toEqual([
      { name: 'soc', scopes: ['read', 'triage'], hash: hashOf(secret) },
      { name: 'key-2', scopes: ['admin'], hash: hashOf(`${secret}1`) },
      { name: 'shop', scopes: ['admin'], hash: hashOf(`${secret}2`) },
    ]);
    expect(JSON.stringify(read({ WEIR_KEYS: `soc=${secret}` }))).not.toContain(secret);
    expect(keysOf(`soc:read+triage=sha256:${hashOf(secret).toUpperCase()}`)).toEqual([plain![0]]);
    expect(plain!.flatMap((key) => keysOf(keySetting(key)))).toEqual(plain);
  });

  it('can be in a file, one per line, in addition to those of the variable', () => {
    const readFile = (text: string, keys = '') =>
      readConfig({ WEIR_KEYS_FILE: 'keys.txt', WEIR_KEYS: keys, WEIR_HOST: '0.0.0.0' }, {}, '/srv/weir', (path) => {
        expect(path).toBe('/srv/weir/keys.txt');
        return text;
      });
    const text = `# for the shop\r\nshop:ingest=${secret} # since May\r\n\nsoc:read=${secret}1\n`;
    expect(readFile(text, `boss=${secret}2`).config?.keys.map(({ name, scopes }) => [name, ...scopes])).toEqual([
      ['boss', 'admin'],
      ['shop', 'ingest'],
      ['soc', 'read'],
    ]);
    expect(readFile(`\uFEFFsoc:read=${secret}\r\n`).config?.keys.map(({ name }) => name)).toEqual(['soc']);
    expect(readFile(`\uFEFF# the keys\nsoc:read=${secret}`).config?.keys).toHaveLength(1);
    for (const wrong of ['', '\uFEFF', '# none', 'soc:reed=0123456789abcdef', `boss=${secret}3`, `other=${secret}2`]) {
      const { problems } = readFile(wrong, `boss=${secret}2`);
      expect(problems.map(({ variable, value }) => [variable, value])).toEqual([['WEIR_KEYS_FILE', '/srv/weir/keys.txt']]);
      expect(JSON.stringify(problems)).not.toContain('0123456789abcdef');
    }
  });
});

describe('problems', () => {
  it('are all reported together, each with variable, value, expectation and example', () => {
    const error = thrown(() => loadConfig({ WEIR_PORT: '80a', WEIR_LATENESS: 'soon', WEIR_FSYNC: 'never', REDIS_URL: 'localhost:6379' }));
    expect(error).toBeInstanceOf(WeirError);
    expect((error as WeirError).exitCode).toBe(78);
    const text = (error as WeirError).message;
    expect(text).toContain('4 problems');
    expect(text).toContain('WEIR_PORT=80a: expected a whole number from 0 to 65535; for example WEIR_PORT=8080');
    expect(text).toContain('WEIR_LATENESS=soon: expected a duration');
    expect(text).toContain('WEIR_FSYNC=never: expected one of everysec, always');
    expect(text).toContain('REDIS_URL=localhost:6379: expected redis://');
  });

  it.each<[string, string]>([
    ['WEIR_PORT', '65536'],
    ['WEIR_PORT', '-1'],
    ['WEIR_PORT', '8080.5'],
    ['WEIR_WORKERS', '0'],
    ['WEIR_LATENESS', '8d'],
    ['WEIR_LATENESS', '5 minutes'],
    ['WEIR_MAXMEMORY', '95%'],
    ['WEIR_MAXMEMORY', '1mb'],
    ['WEIR_HOST', 'not a host'],
    ['REDIS_URL', 'http://localhost'],
    ['REDIS_URL', 'unix://relative.sock'],
    ['REDIS_URL', 'redis://'],
    ['REDIS_URL', 'redis://localhost/-1'],
    ['REDIS_URL', 'redis://localhost/1.5'],
    ['REDIS_URL', 'redis://localhost/1e0'],
    ['REDIS_URL', 'redis://localhost/%31'],
    ['REDIS_URL', 'redis://localhost/one'],
    ['REDIS_URL', 'redis://localhost/1/2'],
    ['REDIS_URL', 'redis://localhost/+1'],
    ['REDIS_URL', 'redis://localhost?db=-1'],
    ['REDIS_URL', 'redis://localhost/1?db=x'],
    ['WEIR_WEBHOOKS_ALLOW', '10.0.0.0/33'],
    ['WEIR_WEBHOOKS_ALLOW', 'http://hooks.internal'],
    ['WEIR_WEBHOOKS_KEY', 'too-short'],
    ['WEIR_KEYS', 'short'],
    ['WEIR_KEYS', 'a=0123456789abcdef,a=fedcba9876543210'],
    ['WEIR_KEYS', 'a=0123456789abcdef,b=0123456789abcdef'],
    ['WEIR_KEYS', 'a:reed=0123456789abcdef'],
    ['WEIR_KEYS', 'a:=0123456789abcdef'],
    ['WEIR_KEYS', 'a b=0123456789abcdef'],
    ['WEIR_KEYS', 'a=sha256:0123456789abcdef'],
    ['WEIR_KEYS', `a=0123456789abcdef,b=sha256:${hashOf('0123456789abcdef')}`],
    ['WEIR_KEYS', Array.from({ length: 501 }, (_, i) => `k${i}=secret-number-${1000 + i}`).join()],
    ['WEIR_KEYS_FILE', '/no/such/file'],
    ['WEIR_KEYS_FILE', '/'],
    ['WEIR_TOKEN', 'short'],
    ['WEIR_RATE', '0/1s'],
    ['WEIR_RATE', '10/500ms'],
    ['WEIR_RATE', '10'],
    ['WEIR_INGEST_RATE', '10/2d'],
    ['WEIR_EVENT_BYTES_MAX', '300kb'],
    ['WEIR_LOG_LEVEL', 'verbose'],
  ])('%s=%s is refused', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([name]);
  });

  it('do not show secrets', () => {
    const error = thrown(() =>
      loadConfig({ WEIR_KEYS: 'hunter2', WEIR_TOKEN: 'hunter2', WEIR_WEBHOOKS_KEY: 'hunter2', REDIS_URL: 'rediss:/user:hunter2@' }),
    );
    expect((error as Error).message).not.toContain('hunter2');
  });

  it('include missing keys if the address is not loopback', () => {
    expect(problemsOf({ WEIR_HOST: '0.0.0.0' })).toEqual(['WEIR_KEYS']);
    expect(problemsOf({ WEIR_HOST: '0.0.0.0', WEIR_KEYS: 'soc=0123456789abcdef' })).toEqual([]);
    expect(problemsOf({ WEIR_HOST: '127.8.8.8' })).toEqual([]);
    expect(problemsOf({ WEIR_HOST: '::1' })).toEqual([]);
  });

  it('do not include unknown names, which are listed with a suggestion', () => {
    expect(read({ WEIR_WORKER: '4', WEIRD: '1', WEIR_XYZZY: '1' }).unknown).toEqual([
      'WEIR_WORKER (did you mean WEIR_WORKERS?)',
      'WEIR_XYZZY',
    ]);
  });

  it('are returned, not thrown, for any text', () => {
    const names = Object.values(variables).map((entry) => entry.name);
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...names),
          fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('5m', '1', '0', '10%', 'a=0123456789abcdef')),
        ),
        (env) => {
          const { config, problems } = read(env);
          expect(config === undefined).toBe(problems.length > 0);
        },
      ),
    );
  });
});

describe('.env', () => {
  it('sets what the environment does not', () => {
    expect(read({ WEIR_PORT: '1' }, { WEIR_PORT: '2', WEIR_WORKERS: '3' }).config).toMatchObject({ port: 1, workers: 3 });
    expect(read({ WEIR_PORT: '' }, { WEIR_PORT: '2' }).config).toMatchObject({ port: 2 });
  });

  it('may be absent, quoted, commented, with CRLF and a byte order mark, but not in UTF-16', () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir env '));
    try {
      const path = join(folder, '.env');
      expect(dotenv(path)).toEqual({});
      writeFileSync(path, '# a comment\r\nWEIR_PORT="9090" # mine\r\nexport WEIR_WORKERS=2\r\n');
      expect(dotenv(path)).toMatchObject({ WEIR_PORT: '9090', WEIR_WORKERS: '2' });
      writeFileSync(path, '\uFEFFREDIS_URL=redis://redis.internal\r\nWEIR_PORT=9090\r\n');
      expect(dotenv(path)).toEqual({ REDIS_URL: 'redis://redis.internal', WEIR_PORT: '9090' });
      writeFileSync(path, Buffer.from('\uFEFFWEIR_PORT=9090\r\n', 'utf16le'));
      expect(() => dotenv(path)).toThrow(/\.env cannot be read: it holds NUL bytes/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('sizes', () => {
  it('are written and read back the same', () => {
    const kind = bytes(0, Number.MAX_SAFE_INTEGER);
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (size) => kind.parse(sizeText(size)) === size));
  });

  it('accept the common spellings', () => {
    const kind = bytes(0, Number.MAX_SAFE_INTEGER);
    expect(['64kb', '64KiB', '64 K', '65536', '65536b'].map((text) => kind.parse(text))).toEqual([65_536, 65_536, 65_536, 65_536, 65_536]);
    expect(['', 'kb', '-1', '1.5mb', '1eb', '1e3'].map((text) => kind.parse(text))).toEqual(Array(6).fill(undefined));
  });

  it('a share of the memory has a minimum', () => {
    expect(memory(1, 2 ** 50).parse('1%')).toBe(2 ** 50);
    expect(memory(1, 1).parse('50%')).toBeLessThanOrEqual(totalmem() / 2);
  });
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error');
}
