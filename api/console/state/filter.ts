/** The filter of the list, and its form in the address: `status=open&level=high&entity=source.ip:203.0.113.9`. */
import type { AlertBrief, AlertStatus } from '../../../engine/core/alert/alert.ts';
import type { Level } from '../../../engine/core/rule.ts';
import { levels, rankOf } from '../lib/format.ts';

export type Filter = {
  /** Undefined: any. */
  readonly status: AlertStatus | undefined;
  readonly level: Level | undefined;
  readonly rule: string;
  /** `field:value`, or empty. */
  readonly entity: string;
  readonly order: 'priority' | 'newest';
  readonly shadow: boolean;
};

export const statuses: readonly AlertStatus[] = ['open', 'acknowledged', 'closed'];

export const startFilter: Filter = { status: 'open', level: undefined, rule: '', entity: '', order: 'priority', shadow: false };

/** Ignores what it cannot read, so that a shared address always shows something. */
export function readFilter(query: string): Filter {
  const given = new URLSearchParams(query);
  const status = given.get('status') ?? 'open';
  return {
    status: statuses.find((one) => one === status),
    level: levels.find((one) => one === given.get('level')),
    rule: (given.get('rule') ?? '').slice(0, 256),
    entity: isEntity(given.get('entity')) ? given.get('entity')! : '',
    order: given.get('order') === 'newest' ? 'newest' : 'priority',
    shadow: given.get('shadow') === 'true',
  };
}

export const isEntity = (text: string | null): boolean => text !== null && text.length <= 1024 && /^[^:]+:[^]+$/.test(text);

/** Writes only what differs from the default filter. */
export function writeFilter({ status, level, rule, entity, order, shadow }: Filter): string {
  return String(
    new URLSearchParams({
      ...(status === 'open' ? {} : { status: status ?? 'any' }),
      ...(level === undefined ? {} : { level }),
      ...(rule === '' ? {} : { rule }),
      ...(entity === '' ? {} : { entity }),
      ...(order === 'priority' ? {} : { order }),
      ...(shadow ? { shadow: 'true' } : {}),
    }),
  );
}

/** The parameters for `GET /v1/alerts`, without the level: its order is always newest first, so pages.ts requests the levels one by one. */
export function searchOf({ status, rule, entity, shadow }: Filter): Record<string, string> {
  return {
    ...(status === undefined ? {} : { status }),
    ...(rule === '' ? {} : { rule }),
    ...(entity === '' ? {} : { entity }),
    ...(shadow ? { shadow: 'true' } : {}),
  };
}

/** Whether an alert from the stream matches, by the same rules as on the server. */
export function fits({ status, level, rule, entity, shadow }: Filter, alert: AlertBrief): boolean {
  const colon = entity.indexOf(':');
  const concerned = (field: string, value: string): boolean => alert.entities.some((one) => one.field === field && one.value === value);
  return (
    (status === undefined || alert.status === status) &&
    (level === undefined || alert.rule.level === level) &&
    (rule === '' || alert.rule.id === rule) &&
    (entity === '' || concerned(entity.slice(0, colon), entity.slice(colon + 1))) &&
    alert.shadow === shadow
  );
}

/** Compares two alerts by the order of the list. */
export const compare =
  (order: Filter['order']) =>
  (a: AlertBrief, b: AlertBrief): number =>
    (order === 'priority' ? rankOf(a.rule.level) - rankOf(b.rule.level) : 0) ||
    (a.created < b.created ? 1 : a.created > b.created ? -1 : a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
