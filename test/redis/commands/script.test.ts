import { readdirSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fillIn, scriptNames, scriptNumbers, scriptOf } from '../../../engine/redis/commands/script.ts';
import { limits } from '../../../engine/core/limits.ts';
import { ownRedis } from '../../support/own-redis.ts';

const folder = new URL('../../../engine/redis/scripts/', import.meta.url);
const { redis } = await ownRedis();

it('the list of scripts matches the folder', () => {
  expect(readdirSync(folder).toSorted()).toEqual(scriptNames.map((name) => `${name}.lua`));
});

it.each(scriptNames)('%s compiles, and Redis calls it by the same SHA', async (name) => {
  const { text, sha } = scriptOf(name);
  expect(await redis.script('LOAD', text)).toBe(sha);
});

describe('numbers', () => {
  const texts = scriptNames.map((name) => readFileSync(new URL(`${name}.lua`, folder), 'utf8'));

  it('are filled in where a script names them, and change its SHA', () => {
    const { text, sha } = scriptOf('append');
    expect(text).toContain('local HEADER = 35\n');
    expect(text).toContain(`local TIDY_MIN = ${limits.tidyEntriesMin}\n`);
    expect(text).not.toContain('{{');
    expect(sha).toBe(createHash('sha1').update(text).digest('hex'));
  });

  it('are all named by a script', () => {
    expect(Object.keys(scriptNumbers).filter((name) => !texts.some((text) => text.includes(`{{${name}}}`)))).toEqual([]);
  });

  it('that are unknown are refused', () => {
    expect(() => fillIn('local A = {{nowhere}}')).toThrow('nowhere');
    expect(fillIn('{{a}} {{b}} {a}', { a: 1, b: 2 })).toBe('1 2 {a}');
  });
});
