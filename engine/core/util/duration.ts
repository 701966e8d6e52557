/** Durations as rule files and the environment write them: `500ms`, `30s`, `10m`, `1h`, `7d`, `2w`. */
const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const shape = /^(\d+)(ms|s|m|h|d|w)$/;

/** Milliseconds; undefined when the text is not a duration, or too long to be represented exactly. */
export function parseDuration(text: string): number | undefined {
  const found = shape.exec(text.trim());
  if (found === null) return undefined;
  const ms = Number(found[1]) * unitMs[found[2] as keyof typeof unitMs];
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** The shortest exact spelling: 600000 → `10m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    if (ms >= unitMs[unit] && ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`;
  }
  return `${ms}ms`;
}
