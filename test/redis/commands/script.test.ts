import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scriptNames, scriptOf } from '../../../engine/redis/commands/script.ts';
import { ownRedis } from '../../support/own-redis.ts';

const folder = new URL('../../../engine/redis/scripts/', import.meta.url);
const { redis } = await ownRedis();

it('the scripts are those of the folder', () => {
  expect(readdirSync(folder).toSorted()).toEqual(scriptNames.map((name) => `${name}.lua`));
});

it.each(scriptNames)('%s compiles, and Redis calls it by the same SHA', async (name) => {
  const { text, sha } = scriptOf(name);
  expect(await redis.script('LOAD', text)).toBe(sha);
});
