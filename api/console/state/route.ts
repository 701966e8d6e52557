/** The current view, as encoded in the fragment of the address (after `#`), which is never sent to the server. */
import { readFilter, writeFilter, type Filter } from './filter.ts';

export type Route =
  { readonly view: 'list'; readonly filter: Filter } | { readonly view: 'alert'; readonly id: string } | { readonly view: 'rules' };

export function readRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#\/?/, ''));
  const [first, second] = path.split('/');
  if (first === 'rules') return { view: 'rules' };
  if (first === 'alerts' && second !== undefined && second !== '') return { view: 'alert', id: decoded(second) };
  return { view: 'list', filter: readFilter(query) };
}

export function writeRoute(route: Route): string {
  if (route.view === 'rules') return '#/rules';
  if (route.view === 'alert') return `#/alerts/${encodeURIComponent(route.id)}`;
  const query = writeFilter(route.filter);
  return query === '' ? '#/alerts' : `#/alerts?${query}`;
}

function split(text: string): [string, string] {
  const mark = text.indexOf('?');
  return mark < 0 ? [text, ''] : [text.slice(0, mark), text.slice(mark + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
