/**
 * Parses the text of one environment variable. Each kind says what it expects, so that an error message can show the
 * expectation and an example. A parser returns undefined for a wrong text.
 */
import { totalmem } from 'node:os';
import { isIP } from 'node:net';
import { readAllowed, type EgressAllow } from '../compile/deliver/egress.ts';
import { distinctKeys, keyExpectation, readKey, secretPattern, type ApiKey } from '../core/access/api-key.ts';
import { parseDuration } from '../core/util/duration.ts';
import { limits } from '../core/limits.ts';
import type { RatePolicy } from '../core/access/token-bucket.ts';

export type SettingKind<T> = { readonly expected: string; parse(text: string): T | undefined };

export type { ApiKey } from '../core/access/api-key.ts';

const MiB = 1024 * 1024;

export const folder: SettingKind<string> = {
  expected: 'a folder, absolute or relative to the working folder',
  parse: (value) => (value.includes('\0') ? undefined : value),
};

/** Empty: none. */
export const file: SettingKind<string | undefined> = { ...folder, expected: 'a file, absolute or relative to the working folder' };

/** What webhooks may reach besides the public internet. */
export const egressAllow: SettingKind<EgressAllow> = {
  expected: 'networks in CIDR notation, addresses or host names, separated by commas',
  parse: (value) => readAllowed(listOf(value)),
};

export function integer(min: number, max: number): SettingKind<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    parse(value) {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
      return number >= min && number <= max ? number : undefined;
    },
  };
}

export function oneOf<const T extends string>(...values: readonly T[]): SettingKind<T> {
  return { expected: `one of ${values.join(', ')}`, parse: (value) => values.find((known) => known === value) };
}

/** Milliseconds. */
export function duration(minMs: number, maxMs: number): SettingKind<number> {
  return {
    expected: 'a duration: a whole number and a unit, one of ms s m h d w',
    parse(value) {
      const ms = parseDuration(value);
      return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined;
    },
  };
}

const sizeUnits = { '': 1, k: 1024, m: MiB, g: 1024 * MiB, t: 1024 * 1024 * MiB } as const;

/** Bytes, from `1048576`, `512kb`, `64MiB`, `2g`: units are powers of 1024, like `mb` in Redis. */
function bytesOf(value: string): number | undefined {
  const found = /^(\d{1,16})\s*([kmgt]?)(?:i?b)?$/i.exec(value);
  if (found === null) return undefined;
  const size = Number(found[1]) * sizeUnits[found[2]!.toLowerCase() as keyof typeof sizeUnits];
  return Number.isSafeInteger(size) ? size : undefined;
}

export function bytes(min: number, max: number): SettingKind<number> {
  return {
    expected: `a size from ${sizeText(min)} to ${sizeText(max)}`,
    parse(value) {
      const size = bytesOf(value);
      return size !== undefined && size >= min && size <= max ? size : undefined;
    },
  };
}

/** The machine's memory, or the container's share of it. */
export function memoryBytes(): number {
  const share = process.constrainedMemory();
  return share > 0 ? Math.min(share, totalmem()) : totalmem();
}

/** Bytes: a size, or a share of the machine's memory, which becomes at least `shareMin` bytes. */
export function memory(min: number, shareMin: number): SettingKind<number> {
  return {
    expected: `a size of ${sizeText(min)} or more, or a share of the memory from 1% to 90%`,
    parse(value) {
      const share = /^(\d{1,2})%$/.exec(value);
      if (share === null) return bytes(min, Number.MAX_SAFE_INTEGER).parse(value);
      const percent = Number(share[1]);
      return percent >= 1 && percent <= 90 ? Math.max(shareMin, Math.floor((memoryBytes() * percent) / 100)) : undefined;
    },
  };
}

/** The shortest exact spelling with a unit of 1024: 65536 → `64kb`. */
export function sizeText(size: number): string {
  for (const unit of ['t', 'g', 'm', 'k'] as const) {
    const factor = sizeUnits[unit];
    if (size >= factor && size % factor === 0) return `${size / factor}${unit}b`;
  }
  return String(size);
}

/** A database as the client library takes it: it would read 1.5 as 1, and text as none. */
const isDatabase = (text: string): boolean => /^\d{1,9}$/.test(text);

/** Empty: none. */
export const redisUrl: SettingKind<string | undefined> = {
  expected: 'redis:// or rediss:// with at most the number of a database as its path, or unix:///path/to/socket',
  parse(value) {
    if (value.startsWith('unix:///')) return value.length > 'unix:///'.length ? value : undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || (url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '') return undefined;
    const databases = [url.pathname.slice(1), ...url.searchParams.getAll('db')].filter((text) => text !== '');
    return databases.every(isDatabase) ? value : undefined;
  },
};

export const host: SettingKind<string> = {
  expected: 'an address or a host name',
  parse: (value) => (isIP(value) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value) ? value : undefined),
};

/** A secret from which keys are derived. */
export const sealKey: SettingKind<string | undefined> = {
  expected: '32 to 256 printable characters without spaces, such as `openssl rand -base64 32` prints',
  parse: (value) => (/^[\x21-\x7e]{32,256}$/.test(value) ? value : undefined),
};

/** Keys separated by commas or line ends; a `#` starts a comment. */
export const apiKeys: SettingKind<readonly ApiKey[]> = {
  expected: `at most ${limits.apiKeysMax} keys separated by commas, ${keyExpectation}`,
  parse(value) {
    const keys = value
      .split(/[\n,]/)
      .map((item) => item.replace(/(?:^|\s)#.*/, '').trim())
      .filter((item) => item !== '')
      .map((item, index) => readKey(item, index + 1));
    const good = keys.filter((key) => key !== undefined);
    if (keys.length > limits.apiKeysMax) return undefined;
    return good.length === keys.length && distinctKeys(good) ? good : undefined;
  },
};

export const secret: SettingKind<string | undefined> = {
  expected: 'the secret of a key: 16 to 256 characters from A-Z a-z 0-9 . _ ~ + / -',
  parse: (value) => (secretPattern.test(value) ? value : undefined),
};

export const rate: SettingKind<RatePolicy | 'off'> = {
  expected: 'a count per duration from one second to one day, such as 1000/10s; or off',
  parse(value) {
    if (value === 'off') return 'off';
    const [, count, span] = /^(\d{1,9})\/(\w+)$/.exec(value) ?? [];
    const windowMs = parseDuration(span ?? '');
    if (windowMs === undefined || windowMs % 1000 !== 0 || windowMs < 1000 || windowMs > 86_400_000 || Number(count) < 1) return undefined;
    return { quota: Number(count), windowMs };
  },
};

/** Loopback addresses and the name that always means one. */
export const isLoopback = (address: string): boolean => address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);

const listOf = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
