/** The audit log as a stream, oldest entries cut when it is long. */
import { limits } from '../core/limits.ts';
import type { Audit } from '../runtime/audit.ts';
import type { Redis } from './connection.ts';
import { keys } from './keys.ts';

export const openAudit =
  (redis: Redis): Audit =>
  async ({ who, action, subject, detail = {} }) => {
    const fields = ['who', who, 'action', action, 'subject', subject, 'detail', JSON.stringify(detail)];
    await redis.xadd(keys.audit, 'MAXLEN', '~', limits.auditEntriesMax, '*', ...fields);
  };
