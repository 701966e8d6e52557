/**
 * While nobody is asked for a key, whoever reaches the port may do everything; and what reaches a developer's loopback
 * is also every page that the developer's browser has open. Two things give such a page away:
 *
 *   DNS rebinding    a name of the page's own, made to mean 127.0.0.1: the `Host` header has that name
 *   cross-site       a form, fetch, image, script or frame of http://127.0.0.1:8080: `Origin` or `Sec-Fetch-Site` says so
 *
 * A link that somebody follows from elsewhere opens what it leads to, in a tab of its own: the page that held the link
 * can read nothing of it, and no GET changes anything. What is loaded into that page takes seats of the alert stream,
 * and leaves only the browser between the two.
 *
 * Programs send neither `Origin` nor `Sec-Fetch-Site`, and get through. With keys none of this is needed: a browser
 * does not send a bearer token by itself.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Undefined: nothing speaks against it. */
export function foreignBrowser(method: string, headers: IncomingHttpHeaders): 'foreign-host' | 'foreign-origin' | undefined {
  const { host, origin } = headers;
  // HTTP/1.0 may do without; no browser speaks it.
  if (host !== undefined && !isOfThisMachine(host)) return 'foreign-host';
  if (origin !== undefined && !isSame(origin, host ?? '')) return 'foreign-origin';
  const from = headers['sec-fetch-site'];
  return (from === 'cross-site' || from === 'same-site') && !isFollowedLink(method, headers) ? 'foreign-origin' : undefined;
}

/** A frame navigates too; only its destination is no document. */
const isFollowedLink = (method: string, headers: IncomingHttpHeaders): boolean =>
  (method === 'GET' || method === 'HEAD') && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';

/** `localhost` (and names under it, which browsers keep on the machine), 127.0.0.0/8, `[::1]`; any port. */
const isOfThisMachine = (host: string): boolean => /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);

function isSame(origin: string, host: string): boolean {
  if (!URL.canParse(origin) || !URL.canParse(`http://${host}`)) return false;
  const [theirs, ours] = [new URL(origin), new URL(`http://${host}`)];
  return theirs.protocol === 'http:' && theirs.host === ours.host;
}
