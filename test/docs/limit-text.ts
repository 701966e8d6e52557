/** The value of a limit as docs/operating.md writes it. The unit is in the limit's name. */
import { formatDuration } from '../../engine/core/util/duration.ts';

const KiB = 1024;

export function limitText(name: string, value: number): string {
  if (/Bytes(?:Max)?$/.test(name)) return value % (KiB * KiB) === 0 ? `${value / (KiB * KiB)} MiB` : `${value / KiB} KiB`;
  if (/Ms(?:Max)?$/.test(name)) return formatDuration(value);
  if (/Share(?:Max)?$/.test(name)) return `${value * 100} %`;
  return value.toLocaleString('en-US');
}
