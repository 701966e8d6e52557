/** The pages describe the demo as it is: its campaigns, its sources, its figures. */
import { expect, test } from 'vitest';
import { campaigns } from '../../engine/demo/campaigns/index.ts';
import { codes, tableOf, textOf } from './markdown.ts';

test('every campaign is listed, in order, with the rule that finds it', () => {
  const documented = tableOf('docs/demo.md', 'campaign').map(([name, about, rule]) => [codes(name!)[0], about, codes(rule!)[0]]);
  expect(documented).toEqual(campaigns.map(({ name, about, rule }) => [name, about, rule]));
});

test('the example of a ground truth is a campaign', () => {
  const example = JSON.parse(/^```json\n([^]*?)^```$/m.exec(textOf('docs/demo.md'))![1]!) as {
    campaign: string;
    rule: string;
    about: string;
  };
  expect(campaigns).toContainEqual(expect.objectContaining({ name: example.campaign, rule: example.rule, about: example.about }));
});

test('the figures of the demo in the README are those in docs/demo.md, and the number of campaigns is right', () => {
  const region = /<!-- demo -->([^]*)<!-- \/demo -->/.exec(textOf('README.md'))![1]!;
  expect(region).toContain(`${campaigns.length} of ${campaigns.length}`);
  const figures = [...region.matchAll(/\d[\d,.]*(?: of \d+)?/g)].map(([figure]) => figure.replace(/[.,]$/, ''));
  const source = textOf('docs/demo.md');
  expect(figures.filter((figure) => !source.includes(figure))).toEqual([]);
  expect(figures.length).toBeGreaterThan(3);
});
