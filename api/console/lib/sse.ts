/** Parses Server-Sent Events from the text of a response, as the HTML standard says: `EventSource` itself cannot send a key. */

export type ServerEvent = { readonly event: string; readonly data: string };

export type Reader = {
  /** The events completed by this piece of text. */
  push(text: string): ServerEvent[];
  /** The id to continue from after a lost connection; empty if there is none yet. */
  readonly lastId: string;
};

export function sseReader(from = ''): Reader {
  let lastId = from;
  let rest = '';
  let event = '';
  let data: string[] = [];

  function line(text: string): ServerEvent | undefined {
    if (text === '') {
      const whole = data.length === 0 ? undefined : { event: event === '' ? 'message' : event, data: data.join('\n') };
      event = '';
      data = [];
      return whole;
    }
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
    else if (name === 'id' && !value.includes('\0')) lastId = value;
    return undefined;
  }

  return {
    get lastId() {
      return lastId;
    },
    push(text) {
      rest += text;
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop()!;
      return lines.flatMap((one) => line(one) ?? []);
    },
  };
}
