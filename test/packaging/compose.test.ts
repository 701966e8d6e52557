/** docker-compose.yml agrees with the settings, the image, the files it mounts and the files that name its services. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { commandNames } from '../../engine/cli/dispatch.ts';
import { dotenv, readConfig } from '../../engine/config/config.ts';
import { variables } from '../../engine/config/variables.ts';
import { hashOf } from '../../engine/core/access/api-key.ts';
import { fencesOf } from '../docs/markdown.ts';
import { dockerfile, exists, said, stages, top } from '../support/image.ts';
import { start } from '../support/processes.ts';

type Service = {
  readonly image: string;
  readonly build?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly mem_limit?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly scale?: number;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
};
type Compose = {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};

const text = readFileSync(join(top, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const service = (name: string): Service => compose.services[name]!;
const operating = readFileSync(join(top, 'docs/operating.md'), 'utf8');

it('gets its secrets from the documented commands: hashes for Weir, and the keys themselves for clients', async () => {
  const fence = fencesOf('docs/operating.md').find(({ text: commands }) => commands.includes('docker compose up --build'))!;
  const folder = mkdtempSync(join(tmpdir(), 'weir-compose-'));
  try {
    const typed = fence.text.replace(/^docker .*$/m, '');
    expect((await start('bash', ['-euo', 'pipefail', '-c', typed], { cwd: folder, env: { PATH: process.env['PATH'] } }).ended).code).toBe(
      0,
    );
    const { config, problems } = readConfig({ WEIR_HOST: '0.0.0.0' }, dotenv(join(folder, '.env')));
    expect(problems).toEqual([]);
    const ofFile = (name: string): string => hashOf(readFileSync(join(folder, name), 'utf8'));
    expect(config!.keys).toEqual([
      { name: 'client', scopes: ['ingest', 'read', 'triage', 'siem'], hash: ofFile('secrets/client-key') },
      { name: 'prometheus', scopes: ['read'], hash: ofFile(compose.secrets['metrics-key']!.file) },
    ]);
    for (const { file } of Object.values(compose.secrets)) expect(readFileSync(join(folder, file), 'utf8'), file).toMatch(/^[0-9a-f]{48}$/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('the services', () => {
  it('are Redis, the API, two workers, Prometheus and Grafana', () => {
    expect(services.map(([name]) => name)).toEqual(['redis', 'api', 'worker', 'prometheus', 'grafana']);
    expect(service('worker').scale).toBe(2);
  });

  it.each(services)('%s runs without root, writes only to its volumes, and has a memory limit and a health check', (_name, one) => {
    expect(one.image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+(?:-\w+)?$/);
    expect(one.user).toMatch(/^(?!root|0)/);
    expect(one).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(one.mem_limit).toMatch(/^\d+[mg]$/);
    expect(one.tmpfs).toContain('/tmp');
    expect(one.healthcheck?.test[0]).toBe('CMD');
    for (const port of one.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  });

  it.each(services)('%s waits only for services, and mounts only files, that exist', (_name, one) => {
    for (const [other, { condition }] of Object.entries(one.depends_on ?? {})) {
      expect(condition).toBe('service_healthy');
      expect(service(other).healthcheck).toBeDefined();
    }
    for (const mount of one.volumes ?? []) {
      const [source = '', target = '', mode] = mount.split(':');
      expect(target.startsWith('/'), mount).toBe(true);
      if (source.startsWith('./')) expect([exists(source), mode], mount).toEqual([true, 'ro']);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
    for (const secret of one.secrets ?? []) expect(compose.secrets).toHaveProperty(secret);
  });
});

describe.each(['api', 'worker'])('%s', (name) => {
  const { command, environment = {}, healthcheck, volumes } = service(name);
  const filled = Object.fromEntries(
    Object.entries(environment).map(([variable, value]) => [
      variable,
      value.replace(/\$\{\w+:-([^}]*)\}/, '$1').replace(/\$\{WEIR_KEYS:\?[^}]*\}/, variables.keys.example),
    ]),
  );

  it('runs a command of the image, with known and valid settings', () => {
    expect(commandNames).toContain(command![0]);
    const names = Object.values(variables).map((variable) => variable.name);
    expect(Object.keys(environment).filter((variable) => !(names as readonly string[]).includes(variable))).toEqual([]);
    const { config, problems, unknown } = readConfig(filled);
    expect([problems, unknown]).toEqual([[], []]);
    expect(new URL(config!.redisUrl!).hostname in compose.services).toBe(true);
    expect(config!.host).toBe('0.0.0.0');
  });

  it('has a health check on the port where it listens, by a program in the image', () => {
    const { config } = readConfig(filled);
    const port = name === 'api' ? config!.port : config!.metricsPort;
    const [, program, , script] = healthcheck!.test;
    expect(program).toBe('node');
    expect(script).toContain(`http://127.0.0.1:${port}/readyz`);
    expect((said(stages.at(-1)!, 'EXPOSE') as string).split(' ')).toContain(String(port));
    if (name === 'api') expect(service('api').ports).toEqual([`127.0.0.1:${port}:${port}`]);
  });

  it('mounts the rules where the image looks for them', () => {
    const workdir = said(stages.at(-1)!, 'WORKDIR');
    expect(volumes).toContain(`./rules:${workdir}/${variables.rulesPath.byDefault}:ro`);
    expect(dockerfile.filter(({ word }) => word === 'WORKDIR').every(({ rest }) => rest === workdir)).toBe(true);
  });
});

describe('the health check of Weir', () => {
  it.each([
    ['ready', 200, 0],
    ['not ready', 503, 1],
  ])('reports %s by its exit code', async (_what, status, code) => {
    const server = createServer((_request, response) => void response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const script = service('api').healthcheck!.test[3]!.replace('8080', String(port));
    const child = start(process.execPath, ['-e', script]);
    expect((await child.ended).code).toBe(code);
    server.closeAllConnections();
    server.close();
  });

  it('fails when nothing listens', async () => {
    const script = service('api').healthcheck!.test[3]!.replace('8080', '1');
    expect((await start(process.execPath, ['-e', script]).ended).code).toBe(1);
  });
});

describe('Redis', () => {
  it('is configured as Weir needs it: durable, bounded by its memory limit, without eviction', () => {
    const { command, mem_limit: limit } = service('redis');
    const options = command!.slice(1);
    expect(options).toEqual(expect.arrayContaining(['--appendonly', 'yes', '--maxmemory-policy', 'noeviction']));
    expect(options[options.indexOf('--maxmemory') + 1]).toBe('1gb');
    expect(limit).toBe('2g');
  });
});

describe('Prometheus and Grafana', () => {
  type Job = {
    readonly job_name: string;
    readonly authorization: { readonly credentials_file: string };
    readonly static_configs: readonly { readonly targets: readonly string[] }[];
    readonly dns_sd_configs: readonly { readonly names: readonly string[]; readonly port: number }[];
  };
  const read = (path: string): unknown => parse(readFileSync(join(top, path), 'utf8'));

  it('Prometheus scrapes every Weir process with its key', () => {
    const { scrape_configs: jobs } = read('dashboards/prometheus/prometheus.yml') as { scrape_configs: Job[] };
    const [job, ...others] = jobs;
    expect(others).toEqual([]);
    expect(job!.static_configs).toEqual([{ targets: [`api:${service('api').environment!['WEIR_PORT']}`] }]);
    expect(job!.dns_sd_configs).toMatchObject([{ names: ['worker'], port: Number(service('worker').environment!['WEIR_METRICS_PORT']) }]);
    expect(job!.authorization.credentials_file).toBe(`/run/secrets/${service('prometheus').secrets![0]}`);
  });

  it('Prometheus finds its files where they are mounted', () => {
    const { command, volumes } = service('prometheus');
    expect(volumes).toContain('./dashboards/prometheus:/etc/prometheus:ro');
    const file = command!.find((option) => option.startsWith('--config.file='))!.split('=')[1]!;
    expect(exists(file.replace('/etc/prometheus', 'dashboards/prometheus'))).toBe(true);
    const { rule_files: files } = read('dashboards/prometheus/prometheus.yml') as { rule_files: string[] };
    for (const name of files) expect(exists(`dashboards/prometheus/${name}`)).toBe(true);
    expect(
      volumes!.some((mount) => mount.endsWith(`:${command!.find((option) => option.startsWith('--storage.tsdb.path='))!.split('=')[1]}`)),
    ).toBe(true);
  });

  it('Grafana queries that Prometheus, finds its dashboards, and opens the overview first', () => {
    const { volumes, environment, secrets } = service('grafana');
    const { datasources } = read('dashboards/grafana/provisioning/datasources/prometheus.yaml') as { datasources: { url: string }[] };
    expect(datasources.map(({ url }) => url)).toEqual([`http://prometheus:${service('prometheus').ports![0]!.split(':')[2]}`]);
    const mounted = new Map(volumes!.map((mount) => [mount.split(':')[1], mount.split(':')[0]]));
    const { providers } = read('dashboards/grafana/provisioning/dashboards/weir.yaml') as { providers: { options: { path: string } }[] };
    for (const { options } of providers) expect(mounted.get(options.path)).toBe('./dashboards/grafana/dashboards');
    const home = environment!['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']!;
    expect(exists(home.replace('/etc/grafana', 'dashboards/grafana'))).toBe(true);
    expect(environment!['GF_SECURITY_ADMIN_PASSWORD__FILE']).toBe(`/run/secrets/${secrets![0]}`);
  });

  it('Prometheus scrapes at the interval that Grafana is configured with', () => {
    const { global } = read('dashboards/prometheus/prometheus.yml') as { global: { scrape_interval: string } };
    const { datasources } = read('dashboards/grafana/provisioning/datasources/prometheus.yaml') as {
      datasources: { jsonData: { timeInterval: string } }[];
    };
    expect(datasources[0]!.jsonData.timeInterval).toBe(global.scrape_interval);
  });
});

it('keeps secrets in ignored files, and every variable that it reads is documented', () => {
  expect(readFileSync(join(top, '.gitignore'), 'utf8').split('\n')).toEqual(expect.arrayContaining(['/secrets/', '.env']));
  for (const [, name] of text.matchAll(/\$\{(\w+)/g)) expect(operating).toContain(`\`${name}\``);
  expect(text).not.toMatch(/password:(?!\s*\n)|secret=/i);
});
