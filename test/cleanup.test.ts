import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCleanup } from '../engine/cleanup.ts';

const resource = (name: string, closed: string[]): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    await Promise.resolve();
    closed.push(name);
  },
});

describe('cleanup', () => {
  it('closes in reverse order, one after the other, each once', async () => {
    const closed: string[] = [];
    const cleanup = openCleanup();
    const first = resource('first', closed);
    expect(cleanup.use(first)).toBe(first);
    cleanup.defer(() => closed.push('second'));
    cleanup.use(resource('third', closed));
    cleanup.use({ [Symbol.dispose]: () => void closed.push('fourth') });
    await Promise.all([cleanup.close(), cleanup.close()]);
    await cleanup.close();
    expect(closed).toEqual(['fourth', 'third', 'second', 'first']);
  });

  it('closes the others when one fails, and throws the failure', async () => {
    const closed: string[] = [];
    const cleanup = openCleanup();
    cleanup.use(resource('first', closed));
    cleanup.defer(() => Promise.reject(new Error('stuck')));
    await expect(cleanup.close()).rejects.toThrow('stuck');
    expect(closed).toEqual(['first']);

    const worse = openCleanup();
    for (const name of ['a', 'b']) {
      worse.defer(() => {
        throw new Error(name);
      });
    }
    await expect(worse.close()).rejects.toMatchObject({ errors: [{ message: 'b' }, { message: 'a' }] });
  });
});

it('features that only Node 24 has are not used: the program runs from 22.18 on', () => {
  const top = join(import.meta.dirname, '..');
  const newer =
    /\bnew (?:Async)?DisposableStack\b|^\s*(?:await )?using \w+ =|\b(?:RegExp\.escape|Error\.isError|Promise\.try|import\.meta\.main)\b/m;
  for (const folder of ['engine', 'api']) {
    for (const name of readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.ts')))
      expect(newer.exec(readFileSync(join(top, folder, name), 'utf8'))?.[0], name).toBeUndefined();
  }
});
