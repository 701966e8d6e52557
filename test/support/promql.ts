/** Parses PromQL with Prometheus's own grammar: which metrics an expression uses, and which labels. */
import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

export type Matcher = { readonly label: string; readonly op: string; readonly value: string };

export type Selector = {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Enclosing functions, from the inside: `['rate', 'histogram_quantile']`. */
  readonly within: readonly string[];
  /** The range of `[…]`, as written; undefined for an instant. */
  readonly range: string | undefined;
};

export type Expression = {
  readonly selectors: readonly Selector[];
  /** Labels in `by`, `without`, `on`, `ignoring` and `group_left`. */
  readonly grouped: readonly string[];
};

/** Replaces Grafana's variables, so that the grammar accepts the expression. */
export const filledIn = (expr: string, rateInterval = '5m', range = '1h'): string =>
  expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', range)
    .replace(/\$(?:job|instance|rule)\b/g, '.+');

/** @throws when the expression is not valid PromQL */
export function readPromql(expr: string): Expression {
  const selectors: Selector[] = [];
  const grouped: string[] = [];
  const text = ({ from, to }: { from: number; to: number }): string => expr.slice(from, to);
  parser.parse(expr).iterate({
    enter({ name, type, node }) {
      if (type.isError) throw new Error(`not PromQL at ${node.from}: ${expr}`);
      if (name === 'GroupingLabels') grouped.push(...node.getChildren('LabelName').map(text));
      if (name === 'VectorSelector') selectors.push(selector(node, text));
    },
  });
  return { selectors, grouped };
}

function selector(node: SyntaxNode, text: (node: SyntaxNode) => string): Selector {
  const matchers = (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map((one): Matcher => ({
    label: text(one.getChild('LabelName')!),
    op: text(one.getChild('MatchOp')!),
    value: JSON.parse(text(one.getChild('StringLiteral')!)) as string,
  }));
  const within: string[] = [];
  for (let around = node.parent; around !== null; around = around.parent) {
    const called = around.getChild('FunctionIdentifier');
    if (called !== null) within.push(text(called));
  }
  const range = node.parent?.name === 'MatrixSelector' ? /\[(.*)\]$/.exec(text(node.parent))?.[1] : undefined;
  return { metric: text(node.getChild('Identifier')!), matchers, within, range };
}
