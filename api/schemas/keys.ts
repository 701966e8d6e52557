/** API keys as they are shown and made. No hash is among what is shown. */
import { z } from 'zod';
import { keyNamePattern, scopes } from '../../engine/core/access/api-key.ts';

const name = z.string().regex(keyNamePattern, 'is to have 1 to 64 characters from A-Z a-z 0-9 . _ -').describe('Who it is for');
const scopeList = z.array(z.enum(scopes));
const time = z.iso.datetime({ offset: true });

export const shownKey = z.strictObject({
  name,
  scopes: scopeList,
  state: z.enum(['in-force', 'expired', 'revoked']),
  source: z.enum(['settings', 'made']).describe('`settings`: WEIR_KEYS or WEIR_KEYS_FILE; those are changed there'),
  created: time.nullable(),
  created_by: z.string().nullable(),
  expires: time.nullable(),
  revoked: time.nullable(),
});

export const keyList = z.strictObject({ keys: z.array(shownKey) });

export const keyRequest = z.strictObject({
  name,
  scopes: scopeList.min(1).max(scopes.length),
  expires: time.nullish().describe('From when on it does not count; left out: never'),
});

export const madeKey = shownKey.extend({ secret: z.string().describe('Shown this once, and kept nowhere') });

export const keyParams = z.strictObject({ name });
