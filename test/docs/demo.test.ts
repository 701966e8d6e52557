/** What the pages say of the demo: its campaigns, its sources, its figures. */
import { expect, test } from 'vitest';
import { campaigns } from '../../engine/demo/campaigns/index.ts';
import { codes, tableOf, textOf } from './markdown.ts';

test('every campaign, in order, with the rule that finds it', () => {
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

test('figures of the demo in the README are those of docs/demo.md, and count the campaigns that there are', () => {
  const region = /<!-- demo -->([^]*)<!-- \/demo -->/.exec(textOf('README.md'))![1]!;
  expect(region).toContain(`${campaigns.length} of ${campaigns.length}`);
  const figures = [...region.matchAll(/\d[\d,.]*(?: of \d+)?/g)].map(([figure]) => figure.replace(/[.,]$/, ''));
  const source = textOf('docs/demo.md');
  expect(figures.filter((figure) => !source.includes(figure))).toEqual([]);
  expect(figures.length).toBeGreaterThan(3);
});
