/**
 * A pack: many events as the payload of one stream entry.
 *
 *     {"v":1,"e":[
 *     [time,"id","dataset",tags,{…}],
 *     [time,"id","dataset",tags,{…}]]}
 *
 * Each `{…}` is the very text its producer sent: it is parsed once to be judged, and never written again from the
 * parsed value (which would cost as much as parsing, and round numbers beyond 2^53). It is safe to put between
 * commas because it has been parsed alone before. Only line breaks become spaces (in JSON they stand between tokens
 * alone), so that each event has a line of its own: one event is found without parsing the others.
 * decode/unpack.ts reads it.
 */
import type { Envelope } from './envelope.ts';
import { limits } from '../limits.ts';

export type Pack = {
  readonly text: string;
  /** Events in it, at least one. */
  readonly events: number;
  /** UTF-8 bytes of the text. */
  readonly bytes: number;
};

export const packHead = '{"v":1,"e":[';
export const packTail = ']}';

/** Fills one pack after the other. */
export type Packer = {
  /** @param text the event's own JSON text   @param bytes its length in UTF-8 */
  add(envelope: Envelope, text: string, bytes: number): void;
  /** The packs, the last one closed; the packer is used up. */
  finish(): Pack[];
};

export function packer(bytesMax: number = limits.packBytesMax): Packer {
  const packs: Pack[] = [];
  let text = packHead;
  let bytes = packHead.length + packTail.length;
  let events = 0;
  const close = (): void => {
    if (events > 0) packs.push({ text: text + packTail, events, bytes });
    text = packHead;
    bytes = packHead.length + packTail.length;
    events = 0;
  };
  return {
    add(envelope, raw, rawBytes) {
      const before = `\n[${envelope.time},${JSON.stringify(envelope.id)},${JSON.stringify(envelope.dataset)},${envelope.tags},`;
      const added = Buffer.byteLength(before) + rawBytes + 2;
      if (events > 0 && bytes + added > bytesMax) close();
      const line = raw.includes('\n') ? raw.replaceAll('\n', ' ') : raw;
      text += events === 0 ? `${before}${line}]` : `,${before}${line}]`;
      bytes += events === 0 ? added - 1 : added;
      events++;
    },
    finish() {
      close();
      return packs;
    },
  };
}
