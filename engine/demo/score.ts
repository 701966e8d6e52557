/** Scores alerts against the ground truth. */
import type { Truth } from './truth.ts';

/** The part of an alert that is scored. */
export type Scored = {
  readonly rule: { readonly id: string };
  readonly group: Readonly<Record<string, string>>;
  readonly events: readonly { readonly [key: string]: unknown }[];
};

export type Caught<A> = {
  readonly truth: Truth;
  /** The first alert of the campaign's rule and group that is based on its events; undefined: missed. */
  readonly alert: A | undefined;
  /** Ids of the campaign's events in the alert's evidence. */
  readonly proof: readonly string[];
};

export type Score<A> = {
  readonly campaigns: readonly Caught<A>[];
  /** Other alerts based on events of a campaign: also correct. */
  readonly besides: readonly A[];
  /** Alerts without any event of a campaign. */
  readonly wrong: readonly A[];
};

/** @param alerts in order of creation   @param idOf the id of an event, as its feed writes it */
export function score<A extends Scored>(
  truths: readonly Truth[],
  alerts: readonly A[],
  idOf: (event: A['events'][number]) => string | undefined,
): Score<A> {
  const attacks = new Set(truths.flatMap(({ events }) => events));
  const proofs = alerts.map((alert) => alert.events.flatMap((event) => idOf(event) ?? []).filter((id) => attacks.has(id)));
  const campaigns = truths.map((truth): Caught<A> => {
    const own = new Set(truth.events);
    const found = alerts.findIndex(
      ({ rule, group }, n) => rule.id === truth.rule && sameGroup(group, truth.group) && proofs[n]!.some((id) => own.has(id)),
    );
    return { truth, alert: alerts[found], proof: (proofs[found] ?? []).filter((id) => own.has(id)) };
  });
  const expected = new Set(campaigns.map(({ alert }) => alert));
  return {
    campaigns,
    besides: alerts.filter((alert, n) => proofs[n]!.length > 0 && !expected.has(alert)),
    wrong: alerts.filter((_, n) => proofs[n]!.length === 0),
  };
}

function sameGroup(a: Truth['group'], b: Truth['group']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
