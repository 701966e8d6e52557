/** Schemas of the audit log. */
import { z } from 'zod';
import { cursor, pageLimit } from './alert.ts';

const filter = z.string().min(1).max(512).optional();

export const auditQuery = z.strictObject({
  who: filter.describe('Name of the key that made the change'),
  action: filter.describe('The action, such as key.create'),
  subject: filter.describe('Id of the changed object'),
  limit: pageLimit,
  cursor,
});

export const auditPage = z.strictObject({
  entries: z.array(
    z.strictObject({
      id: z.string(),
      at: z.iso.datetime({ offset: true }),
      who: z.string(),
      action: z.string(),
      subject: z.string(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  next_cursor: z.string().nullable(),
});
