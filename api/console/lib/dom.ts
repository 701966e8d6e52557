/**
 * The only way to put anything on the page: elements created here, with text as text nodes. The console never uses
 * markup in strings, and the content security policy of the page would refuse it.
 */
import { cut, parts } from '../state/visible.ts';

export type Child = Node | string | undefined | false | readonly Child[];

type Properties = {
  readonly [attribute: `${'data' | 'aria'}-${string}`]: string | undefined;
  readonly class?: string | undefined;
  readonly id?: string;
  /** A link within the console. */
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

/** Text of an event, with invisible characters shown by name; cut at `max`, with a button that shows the rest. */
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

/** The same without the button, for use in links. */
export function briefly(text: string, max = 160): HTMLElement {
  const { text: first, left } = cut(text, max);
  return el('span', { class: 'data' }, marked(first, ''), left > 0 && '…');
}

const marked = (text: string, kept: string): Node[] =>
  parts(text, kept).map((part) => (part.hidden ? el('span', { class: 'unseen' }, part.text) : document.createTextNode(part.text)));

/** Puts children in this order with as few moves as possible: an element already in its place keeps its focus. */
export function arrange(parent: Element, children: readonly Element[]): void {
  const wanted = new Set(children);
  for (const old of Array.from(parent.children)) if (!wanted.has(old)) old.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
}
