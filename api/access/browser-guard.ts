/**
 * Keeps other web pages out while no keys are configured. Then every client that reaches the port may do everything, and
 * every page that a developer's browser has open can reach the loopback interface. Two headers identify such a page:
 *
 *   DNS rebinding    the page's own host name, resolving to 127.0.0.1: `Host` has that name
 *   cross-site       a form, fetch, image, script or frame that loads http://127.0.0.1:8080: `Origin` or `Sec-Fetch-Site`
 *
 * Following a link from another page is allowed: it opens a tab of its own, that page can read nothing of it, and no GET
 * changes anything. Loading a resource into that page is not: it could occupy seats of the alert stream, and only the
 * browser would keep the page from reading it.
 *
 * Programs send neither `Origin` nor `Sec-Fetch-Site`, and pass. With keys none of this is needed: a browser does not
 * send a bearer token by itself.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Why the request is refused; undefined if it is allowed. */
export function foreignBrowser(method: string, headers: IncomingHttpHeaders): 'foreign-host' | 'foreign-origin' | undefined {
  const { host, origin } = headers;
  // HTTP/1.0 may omit Host; no browser speaks it.
  if (host !== undefined && !isOfThisMachine(host)) return 'foreign-host';
  if (origin !== undefined && !isSame(origin, host ?? '')) return 'foreign-origin';
  const from = headers['sec-fetch-site'];
  return (from === 'cross-site' || from === 'same-site') && !isFollowedLink(method, headers) ? 'foreign-origin' : undefined;
}

/** Frames navigate too, but their destination is not `document`. */
const isFollowedLink = (method: string, headers: IncomingHttpHeaders): boolean =>
  (method === 'GET' || method === 'HEAD') && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';

/** `localhost` (and names under it, which browsers keep on the machine), 127.0.0.0/8, `[::1]`; any port. */
const isOfThisMachine = (host: string): boolean => /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);

function isSame(origin: string, host: string): boolean {
  if (!URL.canParse(origin) || !URL.canParse(`http://${host}`)) return false;
  const [theirs, ours] = [new URL(origin), new URL(`http://${host}`)];
  return theirs.protocol === 'http:' && theirs.host === ours.host;
}
