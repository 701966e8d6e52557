/** What a request says about its body: whether it is lines or JSON, and how it is packed. */
export type Media = {
  /** `lines`: NDJSON was declared. `json`: an object or array was; lines are still recognised. */
  readonly form: 'json' | 'lines';
  readonly gzip: boolean;
};

const accepted = 'application/json, application/x-ndjson, application/*+json or text/plain, in UTF-8, plain or gzip';

/** @returns the media, or the sentence that says why it is not supported */
export function readMedia(contentType: string | undefined, contentEncoding: string | undefined): Media | string {
  const gzip = readEncoding(contentEncoding);
  if (gzip === undefined) return `content-encoding ${JSON.stringify(contentEncoding)} is not supported; send ${accepted}`;
  if (contentType === undefined || contentType.trim() === '') return { form: 'json', gzip };

  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
    return `charset ${charset} is not supported; send ${accepted}`;
  }
  if (/^application\/(?:x-)?(?:ndjson|jsonl|json-lines|jsonlines)$/.test(type)) return { form: 'lines', gzip };
  if (type === 'application/json' || type === 'text/plain' || /^application\/[\w.!#$&^-]+\+json$/.test(type)) return { form: 'json', gzip };
  return `content-type ${JSON.stringify(type)} is not supported; send ${accepted}`;
}

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
