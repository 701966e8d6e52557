/** Schemas of API keys. Answers never contain a hash. */
import { z } from 'zod';
import { keyNamePattern, scopes } from '../../engine/core/access/api-key.ts';

const name = z.string().regex(keyNamePattern, 'must be 1 to 64 characters from A-Z a-z 0-9 . _ -').describe('Who or what the key is for');
const scopeList = z.array(z.enum(scopes));
const time = z.iso.datetime({ offset: true });

export const shownKey = z.strictObject({
  name,
  scopes: scopeList,
  state: z.enum(['in-force', 'expired', 'revoked']),
  source: z
    .enum(['settings', 'made'])
    .describe('`settings`: from WEIR_KEYS or WEIR_KEYS_FILE, and changed there; `made`: created by command or API'),
  created: time.nullable(),
  created_by: z.string().nullable(),
  expires: time.nullable(),
  revoked: time.nullable(),
});

export const keyList = z.strictObject({ keys: z.array(shownKey) });

export const keyRequest = z.strictObject({
  name,
  scopes: scopeList.min(1).max(scopes.length),
  expires: time.nullish().describe('When the key expires; omit it for a key that never expires'),
});

export const madeKey = shownKey.extend({ secret: z.string().describe('Returned only this once; Weir stores its hash alone') });

export const keyParams = z.strictObject({ name });
