/** What a request's headers say about its body: its format, and whether it is packed. */
import type { Format } from './formats/format.ts';
import { formatOfMedia, listedMediaTypes, usualFormat } from './formats/registry.ts';

export type Media = { readonly format: Format; readonly gzip: boolean };

/** @returns the media, or the sentence that says why it is not supported */
export function readMedia(contentType: string | undefined, contentEncoding: string | undefined): Media | string {
  const gzip = readEncoding(contentEncoding);
  if (gzip === undefined) return `content-encoding ${JSON.stringify(contentEncoding)} is not supported; ${whatToSend()}`;
  if (contentType === undefined || contentType.trim() === '') return { format: usualFormat, gzip };

  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
    return `charset ${charset} is not supported; ${whatToSend()}`;
  }
  const format = formatOfMedia(type);
  return format === undefined ? `content-type ${JSON.stringify(type)} is not supported; ${whatToSend()}` : { format, gzip };
}

const whatToSend = (): string => `send ${listedMediaTypes()}, in UTF-8, plain or gzip`;

function readEncoding(value: string | undefined): boolean | undefined {
  switch (value?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return false;
    case 'gzip':
    case 'x-gzip':
      return true;
    default:
      return undefined;
  }
}
