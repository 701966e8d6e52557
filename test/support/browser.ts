/**
 * A real browser for tests: Debian's chromium, found or installed with the system's package manager if that needs no
 * password. It can reach only 127.0.0.1, and its requests and errors are recorded.
 */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { runProgram } from '../../engine/redis/embedded/run.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const packages = 'chromium fonts-liberation fonts-noto-core';
const install = `
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update
exec apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${packages}`;
const installMsMax = 15 * 60_000;

const found = (): string | undefined => places.find((path) => existsSync(path));

/** @throws Error with the command to run */
export async function ensureChromium(): Promise<string> {
  const there = found();
  if (there !== undefined) return there;
  const shell = process.getuid?.() === 0 ? ['sh'] : ['sudo', '-n', 'sh'];
  process.stderr.write(`chromium is not installed; installing it: apt-get install ${packages}\n`);
  const { output } = await runProgram(shell[0]!, [...shell.slice(1), '-c', install], installMsMax);
  const now = found();
  if (now === undefined) throw new Error(`chromium could not be installed. Run: apt-get install ${packages}\n${output.slice(-2000)}`);
  return now;
}

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** Opens a browser with its own profile folder, which is deleted with it. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await ensureChromium(), args, headless: true });
}

/** Shorter than the time limit of a test, so that the error message says what was waited for. */
const waitMsMax = 90_000;

export type Visit = AsyncDisposable & {
  readonly page: Page;
  /** URLs of all requests. */
  readonly requests: readonly string[];
  /** Violations of the page's security policy, uncaught errors, and errors in the console. */
  readonly complaints: readonly string[];
};

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(waitMsMax);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => void requests.push(request.url()));
  context.on('console', (message) => {
    // The browser itself reports every answer of 400 and above; tests check those where they matter.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  context.on('weberror', (error) => void complaints.push(String(error.error())));
  await page.goto(url);
  return { page, requests, complaints, [Symbol.asyncDispose]: () => context.close() };
}
