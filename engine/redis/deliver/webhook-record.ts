/** A webhook target of the API as it is stored: what is secret of it, its address included, apart and sealed. */
import type { WebhookTarget } from '../../core/deliver/target.ts';
import type { Seal } from '../access/seal.ts';

type Secret = Pick<WebhookTarget, 'url' | 'secrets' | 'headers' | 'routingKey'>;
type Stored = Omit<WebhookTarget, keyof Secret> & { readonly sealed: string };

export function recordOf({ url, secrets, headers, routingKey, ...open }: WebhookTarget, seal: Seal): string {
  const secret: Secret = { url, secrets, headers, ...(routingKey === undefined ? {} : { routingKey }) };
  const stored: Stored = { ...open, sealed: seal.close(JSON.stringify(secret), open.id) };
  return JSON.stringify(stored);
}

/** `readable` is false, and what is secret empty, when it was sealed with another key. */
export function targetOfRecord(text: string, seal: Seal): { readonly target: WebhookTarget; readonly readable: boolean } {
  const { sealed, ...open } = JSON.parse(text) as Stored;
  const secret = seal.open(sealed, open.id);
  if (secret === undefined) return { target: { ...open, url: '', secrets: [], headers: {} }, readable: false };
  return { target: { ...open, ...(JSON.parse(secret) as Secret) }, readable: true };
}
