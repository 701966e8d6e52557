/** All formats of events. */
import type { FileForm, Format } from './format.ts';
import { json } from './json.ts';
import { ndjson } from './ndjson.ts';

/** Where two take the same media type, the first is chosen. */
export const formats: readonly Format[] = [json, ndjson];

/** Of bodies without a content type. */
export const usualFormat: Format = json;

/** @param type a content type in lower case, without parameters */
export const formatOfMedia = (type: string): Format | undefined => formats.find(({ takes }) => takes.test(type));

/** Such as `application/json, application/x-ndjson or text/plain`: the usual ones first. */
export function listedMediaTypes(): string {
  const usual = formats.map(({ mediaTypes }) => mediaTypes[0]);
  const all = [...usual, ...formats.flatMap(({ mediaTypes }) => mediaTypes.slice(1))];
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

/** The name of a file's format; NDJSON if no format recognises it. @param bytes the first ones of the file, at least one */
export const formatOfFile = (bytes: Buffer): string => (formats.find(({ file }) => file?.begins?.(bytes) === true) ?? ndjson).name;

/** @param name as formatOfFile() returned it, perhaps in another thread */
export function fileForm(name: string): FileForm {
  const file = formats.find((format) => format.name === name)?.file;
  if (file === undefined) throw new RangeError(`no format of files is named ${name}`);
  return file;
}
