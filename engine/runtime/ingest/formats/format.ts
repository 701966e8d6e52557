/**
 * What a format of events is: how it is recognised, how it is cut into items, and how its clients are answered. A new
 * one is a file beside this and a line in registry.ts; HTTP ingest and replay know formats by this type alone.
 *
 *     body  ─ media type ──▶ items ─▶ batch (batch.ts) ─▶ stream ─▶ reply
 *     file  ─ first bytes ─▶ file.items, block after block ─▶ replay
 *
 * An item carries the JSON text of its event. A format with an envelope around its events (Splunk HEC, Elasticsearch
 * `_bulk`) takes the event out of it, and passes what the envelope says as the item's `defaults`, or its `rejection`.
 */
import type { Batch } from '../batch.ts';
import type { Cut, Items } from '../item.ts';

export type Format = {
  readonly name: string;
  /** The media types it takes, as an error message lists them: the usual one first. */
  readonly mediaTypes: readonly [string, ...string[]];
  /** Matches each of these, and names they also go by. It is given a content type in lower case, without parameters. */
  readonly takes: RegExp;
  /** The items of a whole body. */
  readonly items: Cut;
  readonly replies: Replies;
  /** How files of it are read. Absent: it only arrives over HTTP. */
  readonly file?: FileForm;
};

/** Files are read in blocks (engine/replay/blocks.ts), each by any thread: a block must say all about its items. */
export type FileForm = {
  /** Whether a file that begins with these bytes is of this format. Absent: nothing tells it, so no other must claim it. */
  readonly begins?: (bytes: Buffer) => boolean;
  /** A byte that stands between any two items, and nowhere in one: blocks are cut behind it. */
  readonly separator: number;
  /**
   * The items of a block.
   * @param firstLine number of the block's first line in the file
   * @param firstByte offset of the block's first byte in the file
   */
  items(block: Buffer, firstLine: number, firstByte: number): Items;
};

/** The answers of a protocol. */
export type Replies = {
  /** The items were read, and those that are events are in the stream. */
  taken(batch: Batch): Reply;
  /** Nothing was acknowledged. */
  refused(why: Refused): Reply;
};

/** An answer in the protocol's own words, or a problem as the API words them (RFC 9457). */
export type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: object; readonly headers?: Readonly<Record<string, string>> }
  | ({ readonly kind: 'problem' } & Refused);

/** Why a request was refused. */
export type Refused = {
  readonly status: number;
  /** Stable, such as `too-large`. */
  readonly code: string;
  readonly detail: string;
  /** Further members of the problem. */
  readonly members: Readonly<Record<string, unknown>>;
  /** Such as `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
};
