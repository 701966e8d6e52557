/**
 * How secrets are stored in Redis: sealed with AES-256-GCM when a key is given, otherwise in plain text. A sealed secret
 * does not let a reader of the memory, the append-only file or a backup of Redis sign or post in Weir's name. Each seal
 * is bound to its owner, so it cannot be moved to another. Secrets stored before there was a key can still be read.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export type Seal = {
  close(text: string, of: string): string;
  /** Undefined: sealed with another key, or tampered with. */
  open(sealed: string, of: string): string | undefined;
};

const mark = 'sealed:';
const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

export function sealWith(key: string | undefined): Seal {
  if (key === undefined) return { close: (text) => text, open: (text) => (text.startsWith(mark) ? undefined : text) };
  const secret = Buffer.from(hkdfSync('sha256', key, '', 'weir webhook secrets', 32));
  return {
    close(text, of) {
      const iv = randomBytes(ivBytes);
      const sealing = createCipheriv(cipher, secret, iv).setAAD(Buffer.from(of));
      const sealed = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()]);
      return mark + Buffer.concat([iv, sealing.getAuthTag(), sealed]).toString('base64');
    },
    open(text, of) {
      if (!text.startsWith(mark)) return text;
      const bytes = Buffer.from(text.slice(mark.length), 'base64');
      try {
        const opening = createDecipheriv(cipher, secret, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
        opening.setAAD(Buffer.from(of)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        return Buffer.concat([opening.update(bytes.subarray(ivBytes + tagBytes)), opening.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
