/**
 * Finds where and why a text is not JSON. The messages of JSON.parse change with its version, and some lack the position.
 * Called only after JSON.parse failed, so it may be slow. Iterative, so that deep nesting cannot exhaust the stack.
 */
export type JsonFault = {
  /** Offset of the first character that cannot continue valid JSON; the length of the text if it ends too early. */
  readonly at: number;
  readonly detail: string;
};

type Expect = 'a value' | "a value or ']'" | "a name or '}'" | 'a name in quotes' | "':'" | "',' or '}'" | "',' or ']'" | 'the end';

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const literal = /true|false|null/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** No event is nested as deeply: it is not worth following every bracket of a text that is made of them. */
const depthMax = 1000;

/** The first fault, or the place at which it is nested deeper than this looks; undefined if the text is valid JSON. */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: ('{' | '[')[] = [];
  let expect: Expect = 'a value';
  const afterValue = (): Expect => (open.length === 0 ? 'the end' : open.at(-1) === '{' ? "',' or '}'" : "',' or ']'");

  for (let at = skipBlank(text, 0); ; at = skipBlank(text, at)) {
    const c = text[at];
    if (c === undefined) return expect === 'the end' ? undefined : { at, detail: `ends where ${expect} was expected` };
    switch (expect) {
      case "a value or ']'":
      case 'a value':
        if (c === ']' && expect === "a value or ']'") {
          open.pop();
          expect = afterValue();
          at++;
        } else if (c === '{' || c === '[') {
          if (open.length === depthMax) return { at, detail: `nested deeper than ${depthMax} levels` };
          open.push(c);
          expect = c === '{' ? "a name or '}'" : "a value or ']'";
          at++;
        } else {
          const end =
            c === '"' ? stringEnd(text, at) : (matchEnd(number, text, at) ?? matchEnd(literal, text, at) ?? unexpected(text, at, expect));
          if (typeof end === 'object') return end;
          at = end;
          expect = afterValue();
        }
        break;
      case "a name or '}'":
      case 'a name in quotes':
        if (c === '}' && expect === "a name or '}'") {
          open.pop();
          expect = afterValue();
          at++;
        } else {
          const end = c === '"' ? stringEnd(text, at) : unexpected(text, at, expect);
          if (typeof end === 'object') return end;
          at = end;
          expect = "':'";
        }
        break;
      case "':'":
        if (c !== ':') return unexpected(text, at, expect);
        expect = 'a value';
        at++;
        break;
      case "',' or '}'":
      case "',' or ']'":
        if (c === ',') expect = open.at(-1) === '{' ? 'a name in quotes' : 'a value';
        else if (c === expect.at(-2)) {
          open.pop();
          expect = afterValue();
        } else return unexpected(text, at, expect);
        at++;
        break;
      case 'the end':
        return unexpected(text, at, expect);
    }
  }
}

function unexpected(text: string, at: number, expect: Expect): JsonFault {
  const found = String.fromCodePoint(text.codePointAt(at)!);
  return { at, detail: `found ${JSON.stringify(found)} where ${expect} was expected` };
}

/** The offset after the string that opens at `open`, or its fault. */
function stringEnd(text: string, open: number): number | JsonFault {
  for (let at = open + 1; at < text.length;) {
    const c = text.charCodeAt(at);
    if (c === 34) return at + 1;
    if (c < 32) return { at, detail: 'a control character inside a string must be escaped' };
    if (c !== 92) at++;
    else {
      const end = matchEnd(escape, text, at);
      if (end === undefined) return { at, detail: 'invalid escape sequence' };
      at = end;
    }
  }
  return { at: text.length, detail: 'ends inside a string' };
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  for (let c = text.charCodeAt(at); c === 32 || c === 10 || c === 13 || c === 9; c = text.charCodeAt(++at));
  return at;
}

/** The line and column of an offset, both counted from 1. */
export function lineAndColumn(text: string, at: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf('\n'); next !== -1 && next < at; next = text.indexOf('\n', start)) {
    line++;
    start = next + 1;
  }
  return { line, column: at - start + 1 };
}
