/**
 * Text → the yaml library's document, up to its first error. The library goes on after an error and keeps each with its
 * stack trace: 2 MB of closing brackets would take 3 GB. So it is stopped at the first one.
 */
import { Composer, isNode, Parser, type CST, type LineCounter, type Node } from 'yaml';
import { limits } from '../../core/limits.ts';

/** An error or warning of the library. */
export type YamlFault = { readonly offset: number; readonly code: string; readonly message: string };

export type Composed = {
  readonly root: Node | null;
  /** The first error; the document is then incomplete. */
  readonly error: YamlFault | undefined;
  /** A bounded number of them. */
  readonly warnings: readonly YamlFault[];
};

const options = {
  version: '1.2',
  schema: 'core',
  // The library's check for duplicate keys compares all pairs.
  uniqueKeys: false,
  prettyErrors: false,
  resolveKnownTags: false,
  intAsBigInt: true,
  stringKeys: true,
  logLevel: 'silent',
} as const;

/** The warning that refuses a document: never left out. */
export const unknownTag = 'TAG_RESOLVE_FAILED';

/** Leaves the library. */
class Stopped extends Error {}

type OnFault = (
  source: number | readonly [number, number] | { readonly offset: number },
  code: string,
  message: string,
  warning?: boolean,
) => void;

/** @param lines is given the line starts   @returns the document; a further one in the text is an error */
export function composeYaml(text: string, lines: LineCounter): Composed {
  let error: YamlFault | undefined;
  const warnings: YamlFault[] = [];
  const composer = new Composer<never, false>(options);
  const onError: OnFault = (source, code, message, warning = false) => {
    const offset = typeof source === 'number' ? source : 'offset' in source ? source.offset : source[0];
    if (warning) {
      const counts =
        warnings.length < limits.problemsPerFileMax || (code === unknownTag && !warnings.some((one) => one.code === unknownTag));
      if (counts) warnings.push({ offset, code, message });
      return;
    }
    error ??= { offset, code, message };
    throw new Stopped();
  };
  Object.assign(composer, { onError });
  try {
    let root: Node | null | undefined;
    for (const document of documents(composer, text, lines, onError)) {
      const [fault] = document.errors;
      if (fault !== undefined) error ??= { offset: fault.pos[0], code: fault.code, message: fault.message };
      if (root !== undefined) onError(document.range[0], 'MULTIPLE_DOCS', 'the text holds a further document');
      root = isNode(document.contents) ? document.contents : null;
    }
    return { root: root ?? null, error, warnings };
  } catch (fault) {
    if (!(fault instanceof Stopped)) throw fault;
  }
  return { root: null, error, warnings };
}

function* documents(composer: Composer<never, false>, text: string, lines: LineCounter, onError: OnFault) {
  for (const token of new Parser(lines.addNewLine).parse(text)) {
    if (token.type === 'error') onError(token, 'UNEXPECTED_TOKEN', errorText(token));
    yield* composer.next(token);
  }
  yield* composer.end(true, text.length);
}

const errorText = ({ message, source }: CST.ErrorToken): string => (source === '' ? message : `${message}: ${JSON.stringify(source)}`);
