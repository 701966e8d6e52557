/** What .env.example must say, made from the settings themselves. */
import { variables, type Variable } from '../../engine/config/variables.ts';

/** The text of `.env.example`. */
export function envExample(): string {
  const blocks = Object.values<Variable<unknown>>(variables).map((entry) => {
    const example = entry.byDefault === '' || entry.byDefault !== entry.example ? ` For example ${entry.name}=${entry.example}` : '';
    return `# ${entry.about}\n# Expected: ${entry.kind.expected}.${example}\n${entry.name}=${entry.byDefault}\n`;
  });
  return [
    '# Weir reads these from the environment, and from a file named .env in its working folder; the environment wins.\n# Every line shows its default.\n',
    ...blocks,
  ].join('\n');
}
