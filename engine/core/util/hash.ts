/**
 * Hashes that identify events, groups and values. None protects a secret; they differ in what an attacker can do:
 *
 * - eventHash: 64 bits, two murmur-like lanes, 140 ns. Fast, not collision-resistant: an attacker who can choose event
 *   ids could send the same id twice, so a collision gains nothing.
 * - strongHash: truncated SHA-256, 550 ns. For groups and counted values: an attacker who could make two users or two
 *   cards collide would hide one of them.
 */
import { hash } from 'node:crypto';

/** 64 bits as 8 latin1 characters. Moving characters from one text to the other changes the hash. */
export function eventHash(dataset: string, id: string): string {
  let a = 0x9e3779b9 ^ dataset.length;
  let b = 0x7f4a7c15 ^ id.length;
  for (let i = 0; i < dataset.length; i++) {
    const c = dataset.charCodeAt(i);
    a = Math.imul(a ^ c, 0x85ebca6b);
    b = Math.imul(b ^ c, 0xc2b2ae35);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ 0x1ff, 0x27d4eb2f);
  b = Math.imul(b ^ 0x2ff, 0x165667b1);
  for (let i = 0; i < id.length; i++) {
    const c = id.charCodeAt(i);
    a = Math.imul(a ^ c, 0x85ebca6b);
    b = Math.imul(b ^ c, 0xc2b2ae35);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = mix(a ^ b);
  b = mix(b ^ Math.imul(a, 0x9e3779b1));
  return String.fromCharCode(a >>> 24, (a >>> 16) & 255, (a >>> 8) & 255, a & 255, b >>> 24, (b >>> 16) & 255, (b >>> 8) & 255, b & 255);
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): every input bit reaches every output bit. */
function mix(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The first `characters` of the SHA-256 of the text in base64url: 6 bits each. */
export const strongHash = (text: string, characters: number): string => hash('sha256', text, 'base64url').slice(0, characters);

/** 64 bits of the SHA-256 of the text, as 8 latin1 characters. */
export const valueHash = (text: string): string => hash('sha256', text, 'binary').slice(0, 8);

/** Length-prefixed, so that ('ab', 'c') and ('a', 'bc') differ. */
export const tupleText = (values: readonly string[]): string => values.map((value) => `${value.length}:${value}`).join('');
