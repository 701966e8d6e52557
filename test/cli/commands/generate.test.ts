/** `weir generate` as a program: its events, its ground truth, its answers to wrong options. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import type { Truth } from '../../../engine/demo/truth.ts';
import { root } from '../../rules/shipped.ts';
import { jsonLines, lines, testFolder, weir } from '../explain/explain.support.ts';

const folder = testFolder();

describe('weir generate', () => {
  it('writes the requested number of events, the same ones each time', async () => {
    const first = await weir(['generate', '--seed', '5', '--events', '1200']);
    expect(first).toMatchObject({ code: 0, stderr: '1200 events, including 28 campaigns\n' });
    expect(lines(first.stdout).length).toBe(1200);
    expect(await weir(['generate', '--seed', '5', '--events', '1200'])).toEqual(first);
    const other = await weir(['generate', '--seed', '6', '--events', '1200']);
    expect(other.stdout).not.toBe(first.stdout);
  });

  it('writes the ground truth to a file, and replay finds every campaign in it', async () => {
    const truth = join(folder.path, 'truth.ndjson');
    const { stdout } = await weir(['generate', '--seed', '9', '--events', '1500', '--truth', truth, '--lateness', '30s']);
    const truths = jsonLines<Truth>(readFileSync(truth, 'utf8'));
    expect(truths.length).toBe(28);
    for (const one of truths) expect(Object.keys(one)).toEqual(['campaign', 'about', 'rule', 'group', 'events', 'first', 'last']);
    const replayed = await weir(['replay', folder.put('events.ndjson', stdout), '--rules', join(root, 'rules'), '--drain']);
    const found = new Set(jsonLines<Alert>(replayed.stdout).map(({ rule, group }) => JSON.stringify([rule.id, group])));
    expect(truths.filter(({ rule, group }) => !found.has(JSON.stringify([rule, group])))).toEqual([]);
  });

  it('ends the day at --end', async () => {
    const truth = join(folder.path, 'then.ndjson');
    const { code } = await weir(['generate', '--events', '1000', '--truth', truth, '--end', '2030-07-01T12:00:00Z']);
    expect(code).toBe(0);
    for (const { first, last } of jsonLines<Truth>(readFileSync(truth, 'utf8'))) {
      expect(Date.parse(first)).toBeGreaterThan(Date.UTC(2030, 5, 30, 12));
      expect(Date.parse(last)).toBeLessThan(Date.UTC(2030, 6, 1, 12));
    }
  });

  it.each([
    [['--events', '999'], "--events takes a whole number from 1000 to 1000000, not '999'"],
    [['--events', 'many'], "not 'many'"],
    [['--events', '-5'], '--events'],
    [['--seed', '1.5'], "--seed takes a whole number from 0 to 9007199254740991, not '1.5'"],
    [['--end', 'tomorrow'], '--end: time'],
    [['--lateness', '2'], "--lateness takes a duration of at most 1h, such as 2m, not '2'"],
    [['--lateness', '2h'], '--lateness'],
    [['--sede', '1'], "unknown option '--sede'; did you mean --seed?"],
    [['file'], "unexpected argument 'file'"],
    [['--truth', '/no/such/folder/truth'], 'cannot write /no/such/folder/truth'],
  ])('%j: exits 2', async (options, message) => {
    const { code, stdout, stderr } = await weir(['generate', ...options]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
