/**
 * A pack: many events as the payload of one stream entry.
 *
 *     {"v":1,"e":[
 *     [time,"id","dataset",tags,{…}],
 *     [time,"id","dataset",tags,{…}]]}
 *
 * Each `{…}` is the text that the producer sent. It is parsed once for validation, and never serialised again from the
 * parsed value, which would cost as much as parsing and round numbers beyond 2^53. It is safe to put between commas
 * because it has been parsed on its own. Only line breaks are replaced by spaces (in JSON they occur between tokens only),
 * so that each event has its own line, and one event can be found without parsing the others. decode/unpack.ts reads packs.
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

/** Fills packs one after the other. */
export type Packer = {
  /** @param text the event's own JSON text   @param bytes its length in UTF-8 */
  add(envelope: Envelope, text: string, bytes: number): void;
  /** Closes the last pack and returns all. The packer must not be used afterwards. */
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
