/** UUIDs of version 7 (RFC 9562): a millisecond clock in front, so that ids of one time sort together. */
import { randomUUID } from 'node:crypto';

/** @param nowMs epoch ms of the first 48 bits; the other bits are random */
export function uuidV7(nowMs: number): string {
  const clock = nowMs.toString(16).padStart(12, '0');
  return `${clock.slice(0, 8)}-${clock.slice(8)}-7${randomUUID().slice(15)}`;
}
