/** The answers of the API's own formats: counts, and the place of each error; a problem if not one item is an event. */
import { limits } from '../../../core/limits.ts';
import { itemError } from '../item.ts';
import type { Replies } from './format.ts';

/** Characters of one answer's invalid items that are scanned for the exact place of the fault: some 50 ms. */
const scannedMax = 1 << 20;

export const nativeReplies: Replies = {
  taken({ accepted, items, rejections }) {
    const listed = rejections.slice(0, limits.requestErrorsMax);
    let scanned = 0;
    const errors = listed.map(({ index, rejection }) => {
      const item = items[index]!;
      scanned += item.text.length;
      return itemError(index, item, rejection, scanned <= scannedMax);
    });
    const body = { accepted, rejected: rejections.length, errors };
    const [first] = errors;
    if (accepted > 0 || first === undefined) return { kind: 'answer', status: 202, body };
    const detail = `no event accepted, ${rejections.length} rejected; the first, at line ${first.line}: ${first.detail}`;
    return { kind: 'problem', status: 400, code: 'all-rejected', detail, members: body, headers: {} };
  },
  refused: (why) => ({ kind: 'problem', ...why }),
};
