/** Formats are told apart by their names, their media types and the first bytes of their files. */
import { expect, it } from 'vitest';
import { fileForm, formatOfFile, formatOfMedia, formats } from '../../../../engine/runtime/ingest/formats/registry.ts';
import { readMedia } from '../../../../engine/runtime/ingest/media.ts';

it('a format has a name of its own, and answers to the media types it lists', () => {
  expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length);
  for (const format of formats)
    for (const type of format.mediaTypes) expect(formatOfMedia(type.replace('*', 'vnd.x'))?.name).toBe(format.name);
});

it.each([
  ['application/json', 'json'],
  ['application/cloudevents+json', 'json'],
  ['text/plain', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/x-json-lines', 'ndjson'],
  ['application/jsonlines', 'ndjson'],
  ['application/json-seq', undefined],
  ['text/json', undefined],
])('%s is %s', (type, name) => expect(formatOfMedia(type)?.name).toBe(name));

it('what is not taken is answered with what is', () => {
  expect(readMedia('text/csv', undefined)).toBe(
    'content-type "text/csv" is not supported; send application/json, application/x-ndjson, application/*+json or text/plain, in UTF-8, plain or gzip',
  );
});

it('a file is NDJSON unless a format recognises it', () => {
  for (const begins of ['{"a":1}\n', '[', 'x', '\n']) expect(formatOfFile(Buffer.from(begins))).toBe('ndjson');
  expect(fileForm('ndjson').separator).toBe(10);
  expect(() => fileForm('json')).toThrow('no format of files is named json');
});
