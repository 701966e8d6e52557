/** The answer of INFO as fields: `redis_version` → `7.0.15`. */
export type Info = ReadonlyMap<string, string>;

export function parseInfo(text: string): Info {
  const fields = text.split('\n').flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon <= 0 || line.startsWith('#') ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
  });
  return new Map(fields);
}

/** The memory that Redis uses, in bytes; `max` is 0 if it has no limit. */
export type Memory = { readonly used: number; readonly max: number };

export const memoryOf = (info: Info): Memory => ({
  used: Number(info.get('used_memory') ?? 0),
  max: Number(info.get('maxmemory') ?? 0),
});

/** The progress of loading, as text: `45 %, about 12 s left`. Undefined when Redis is not loading. */
export function loadingText(info: Info): string | undefined {
  if ((info.get('loading') ?? '0') === '0') return undefined;
  const percent = Math.floor(Number(info.get('loading_loaded_perc') ?? '0'));
  return `${percent} %, about ${info.get('loading_eta_seconds') ?? '?'} s left`;
}
