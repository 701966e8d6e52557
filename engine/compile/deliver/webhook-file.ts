/** Reads the file of WEIR_WEBHOOKS, a list of targets in YAML or JSON → targets, or all problems with line and column. Never throws. */
import type { Problem } from '../../core/problem.ts';
import type { WebhookTarget } from '../../core/deliver/target.ts';
import type { EgressAllow } from './egress.ts';
import { readDocuments } from '../source/documents.ts';
import { plain, type Node, type Position } from '../source/node.ts';
import { readTarget, tooMany, type TargetProblem } from './webhook-target.ts';

export type WebhookFile = {
  readonly targets: readonly WebhookTarget[];
  readonly problems: readonly Pick<Problem, 'line' | 'column' | 'message'>[];
};

export function readWebhookFile(text: string, allow: EgressAllow): WebhookFile {
  const found: Problem[] = [];
  const nodes = readDocuments({ path: '', text }, found).roots;
  const problems: Pick<Problem, 'line' | 'column' | 'message'>[] = found.filter(({ severity }) => severity === 'error');
  const targets: WebhookTarget[] = [];
  for (const node of nodes) {
    const { target, problems: wrong } = readTarget(plain(node), allow);
    problems.push(...wrong.map((one) => ({ ...placeOf(node, one.path), message: messageOf(one, node) })));
    if (target === undefined) continue;
    if (targets.some(({ id }) => id === target.id)) problems.push({ ...placeOf(node, ['id']), message: `id: duplicate id ${target.id}` });
    targets.push(target);
  }
  const many = tooMany(targets.length);
  if (many !== undefined) problems.push({ line: 1, column: 1, message: many });
  return { targets: problems.length === 0 ? targets : [], problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/** For example `soar: url: is not a valid URL`; without the target's id if that cannot be read. */
function messageOf({ path, message }: TargetProblem, node: Node): string {
  const id = node.kind === 'map' ? node.entries.get('id')?.value : undefined;
  const name = id?.kind === 'scalar' && typeof id.value === 'string' ? `${id.value.slice(0, 64)}: ` : '';
  return `${name}${path.join('.')}${path.length === 0 ? '' : ': '}${message}`;
}

/** The position of the innermost part of the path that exists. */
function placeOf(node: Node, path: TargetProblem['path']): Position {
  const [first, ...rest] = path;
  if (first === undefined) return node.at;
  const inner = node.kind === 'map' ? node.entries.get(String(first))?.value : node.kind === 'list' ? node.items[Number(first)] : undefined;
  return inner === undefined ? node.at : placeOf(inner, rest);
}
