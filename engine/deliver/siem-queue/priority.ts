/**
 * Maps levels to BullMQ priorities. BullMQ serves 1 first, and treats a missing priority or 0 as more urgent than 1, so
 * every job gets one of these five. The mapping must not change: the number is stored with each job.
 */
import type { Level } from '../../core/rule.ts';
import { levelsByUrgency } from '../../core/forward/admission.ts';

export const priorityOf: Readonly<Record<Level, number>> = { critical: 1, high: 2, medium: 3, low: 4, informational: 5 };
export const priorities = levelsByUrgency.map((level) => priorityOf[level]);
