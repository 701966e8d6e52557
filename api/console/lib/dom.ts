/**
 * The only way in which anything gets onto the page: elements that are made here, and text as text nodes. There is no
 * markup in strings anywhere, and the page's policy would refuse it.
 */
import { cut, parts } from '../state/visible.ts';

export type Child = Node | string | undefined | false | readonly Child[];

type Properties = {
  readonly [attribute: `${'data' | 'aria'}-${string}`]: string | undefined;
  readonly class?: string | undefined;
  readonly id?: string;
  /** An address of the console itself. */
  readonly href?: `#${string}`;
  readonly type?: string;
  readonly name?: string;
  readonly value?: string;
  readonly for?: string;
  readonly list?: string;
  readonly role?: string;
  readonly placeholder?: string;
  readonly autocomplete?: 'off';
  readonly title?: string | undefined;
  readonly datetime?: string;
  readonly rows?: string;
  readonly maxlength?: string;
  readonly scope?: string;
  readonly spellcheck?: 'false';
  readonly tabindex?: string;
  readonly onclick?: (event: MouseEvent) => void;
};

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  const { onclick, ...attributes } = properties;
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  if (onclick !== undefined) element.addEventListener('click', onclick as EventListener);
  append(element, children);
  return element;
}

function append(to: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue;
    if (typeof child === 'string' || child instanceof Node)
      to.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
    else append(to, child);
  }
}

/** Text of an event, with what cannot be seen told by name; cut at `max`, the rest behind a button. */
export function data(text: string, max = 400, kept = ''): HTMLElement {
  const { text: first, left } = cut(text, max);
  const element = el('span', { class: 'data' }, marked(first, kept));
  if (left > 0) {
    const more = el('button', { type: 'button', class: 'more' }, `… ${left.toLocaleString('en-GB')} more`);
    more.addEventListener('click', () => element.replaceChildren(...marked(text, kept)));
    element.append(more);
  }
  return element;
}

/** The same where no button may be: in a link. */
export function briefly(text: string, max = 160): HTMLElement {
  const { text: first, left } = cut(text, max);
  return el('span', { class: 'data' }, marked(first, ''), left > 0 && '…');
}

const marked = (text: string, kept: string): Node[] =>
  parts(text, kept).map((part) => (part.hidden ? el('span', { class: 'unseen' }, part.text) : document.createTextNode(part.text)));

/** Puts children in that order, moving no more than it must: what is in its place stays, with focus and all. */
export function arrange(parent: Element, children: readonly Element[]): void {
  const wanted = new Set(children);
  for (const old of Array.from(parent.children)) if (!wanted.has(old)) old.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
}
