/** The samples of a /metrics text. */
export type Sample = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number };

export function samplesOf(exposed: string): Sample[] {
  return exposed
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', inner = '', value = ''] = /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const labels = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label!, text!] as const);
      return { name, labels: Object.fromEntries(labels), value: value === '+Inf' ? Infinity : Number(value) };
    });
}

/** The samples that an engine's /metrics shows. @param key the API key, if one is needed */
export async function scrape(url: string, key?: string): Promise<Sample[]> {
  const answer = await fetch(`${url}/metrics`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });
  if (!answer.ok) throw new Error(`${url}/metrics: ${answer.status}`);
  return samplesOf(await answer.text());
}

/** The value of the series with these labels; undefined when it does not exist. */
export const valueOf = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number | undefined =>
  samples.find((one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value))?.value;
