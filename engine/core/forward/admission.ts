/**
 * Decides which alerts may enter the SIEM queue when it fills up. Each level has its own share of the bound; the lower the
 * level, the smaller its share:
 *
 *     0 ············ 80 % ····· 85 % ····· 90 % ····· 95 % ····· 100 % of siemMax
 *                    informational  low     medium     high       critical
 *
 * So when space runs out the lowest levels wait first, and there is still room for the higher ones. No alert overtakes a
 * waiting alert of its own level or of a higher one.
 */
import type { Level } from '../rule.ts';

/** The most urgent first. */
export const levelsByUrgency = ['critical', 'high', 'medium', 'low', 'informational'] as const satisfies readonly Level[];

const shares: Readonly<Record<Level, number>> = { critical: 1, high: 0.95, medium: 0.9, low: 0.85, informational: 0.8 };

/** The queue size up to which alerts of this level may enter. */
export const boundOf = (level: Level, siemMax: number): number => Math.ceil(siemMax * shares[level]);

/**
 * Divides alerts into those that may enter now and those that must wait, each by urgency and then in their given order.
 * @param size alerts in the queue
 * @param waiting alerts already waiting, by level
 */
export function admit<T extends { readonly level: Level }>(
  alerts: readonly T[],
  size: number,
  waiting: Readonly<Record<Level, number>>,
  siemMax: number,
): { readonly enter: T[]; readonly wait: T[] } {
  const enter: T[] = [];
  const wait: T[] = [];
  let mustWait = false;
  for (const level of levelsByUrgency) {
    mustWait ||= waiting[level] > 0;
    for (const alert of alerts) {
      if (alert.level !== level) continue;
      if (!mustWait && size + enter.length < boundOf(level, siemMax)) enter.push(alert);
      else {
        wait.push(alert);
        mustWait = true;
      }
    }
  }
  return { enter, wait };
}
