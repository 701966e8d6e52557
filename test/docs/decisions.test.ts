/** Every decision has its date, its figure and the alternative that was rejected, and is in the index. */
import { expect, test } from 'vitest';
import { pages, tableOf, textOf } from './markdown.ts';

const index = 'docs/decisions/README.md';
const decisions = pages.filter((page) => page.startsWith('docs/decisions/') && page !== index).toSorted();
const numberOf = (page: string): string => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(page)?.[1] ?? page;

test('decisions are numbered without gaps', () => {
  expect(decisions.length).toBeGreaterThan(20);
  expect(decisions.map(numberOf)).toEqual(decisions.map((_page, at) => String(at + 1).padStart(4, '0')));
});

test.each(decisions)('%s has every section, and none is empty', (page) => {
  const [head = '', ...sections] = textOf(page).split(/^## /m);
  expect(head).toMatch(new RegExp(`^# ${Number(numberOf(page))}\\. \\S.*\\n\\nDate: \\d{4}-\\d{2}-\\d{2}\\n\\n$`));
  expect(sections.map((section) => section.split('\n')[0])).toEqual(['Decision', 'Figure', 'Rejected', 'Where']);
  for (const section of sections) expect(section.split('\n').slice(1).join('').trim(), section).not.toBe('');
});

test('the index lists every decision, with its title and date', () => {
  const listed = tableOf(index, 'number').map(([link, title, date]) => [/\(([^)]+)\)/.exec(link!)?.[1], title, date]);
  expect(listed).toEqual(
    decisions.map((page) => {
      const [, title, date] = /^# \d+\. (.*)\n\nDate: (.*)\n/.exec(textOf(page))!;
      return [page.replace('docs/decisions/', ''), title, date];
    }),
  );
});
