/**
 * CSV (RFC 4180) text → records, in one pass and bounded memory. Quoted fields may hold separators, line ends and
 * doubled quotes; lines end with LF, CRLF or CR; a byte order mark and blank lines are skipped.
 *
 * Ambiguous input is a fault, not a guess: a quote inside an unquoted field, text after a closing quote, a quote that is
 * never closed, bytes that are not UTF-8.
 */
import { rejectionText } from '../../replay/items.ts';
import type { Text } from '../../replay/texts.ts';
import { notUtf8 } from '../../runtime/ingest/item.ts';

export type CsvRecord = {
  readonly number: number;
  readonly line: number;
  readonly fields: readonly string[];
  readonly fault: string | undefined;
};

/** Maximum characters of one record: an unclosed quote must not swallow the file. */
const recordCharactersMax = 1_048_576;

export type CsvReader = {
  /** Records that this piece of text completes. */
  push(piece: Text): CsvRecord[];
  /** The last record, when the text does not end with a line end. */
  end(): CsvRecord[];
};

export function csvReader(separator = ','): CsvReader {
  let fields: string[] = [];
  let field = '';
  /** Where in a field we are: at its start, in bare text, in quotes, just after a closing quote. */
  let state: 'start' | 'bare' | 'quoted' | 'closed' = 'start';
  let fault: string | undefined;
  /** Whether the record is UTF-8 so far. Kept apart from `fault`: invalid bytes leave no doubt about where the record ends. */
  let valid = true;
  let size = 0;
  let line = 1;
  let begun = 1;
  let number = 0;
  let afterCr = false;
  let first = true;

  function endField(): void {
    fields.push(field);
    field = '';
    state = 'start';
  }

  function endRecord(done: CsvRecord[]): void {
    const blank = fields.length === 0 && field === '' && state === 'start' && fault === undefined;
    if (!blank) {
      endField();
      done.push({ number: (number += 1), line: begun, fields, fault: fault ?? (valid ? undefined : rejectionText(notUtf8)) });
    }
    fields = [];
    field = '';
    state = 'start';
    fault = undefined;
    valid = true;
    size = 0;
    begun = line;
  }

  function take(char: string, done: CsvRecord[]): void {
    const newline = char === '\n' || char === '\r';
    if (newline && !(char === '\n' && afterCr)) line += 1;
    const secondHalf = char === '\n' && afterCr;
    afterCr = char === '\r';
    size += 1;
    if (size > recordCharactersMax && fault === undefined) fault = `the record is longer than ${recordCharactersMax} characters`;
    if (state === 'quoted') {
      if (char === '"') state = 'closed';
      else if (fault === undefined) field += char;
      else if (newline) endRecord(done);
    } else if (newline) {
      if (secondHalf) begun = line;
      else endRecord(done);
    } else if (char === separator) endField();
    else if (char === '"') {
      if (state === 'start') state = 'quoted';
      else if (state === 'closed') {
        field += char;
        state = 'quoted';
      } else fault ??= 'a quote inside an unquoted field';
    } else {
      if (state === 'closed') fault ??= 'text after a closing quote';
      state = 'bare';
      if (fault === undefined) field += char;
    }
  }

  return {
    push({ text, valid: isValid }) {
      const done: CsvRecord[] = [];
      valid &&= isValid;
      for (const char of first && text.startsWith('\uFEFF') ? text.slice(1) : text) take(char, done);
      if (text !== '') first = false;
      return done;
    },
    end() {
      const done: CsvRecord[] = [];
      if (state === 'quoted') fault ??= 'a quote that is never closed';
      endRecord(done);
      return done;
    },
  };
}
