/** Finds a server that Weir can run: a recent enough redis-server or valkey-server, on the PATH or where package managers install it. */
import { runProgram, type Run } from './run.ts';

export type Server = { readonly path: string; readonly version: string };
export type Found =
  { readonly kind: 'found'; readonly server: Server } | { readonly kind: 'old'; readonly server: Server } | { readonly kind: 'none' };

/** The oldest Redis that has everything Weir uses: XAUTOCLAIM, GETEX, exclusive ranges of streams. */
export const leastVersion = '6.2';

/** An empty folder means the PATH. The others are listed because the PATH of a service is often short. */
const folders = ['', '/usr/bin/', '/usr/local/bin/', '/opt/homebrew/bin/', '/usr/sbin/', '/usr/local/sbin/'] as const;
const names = ['redis-server', 'valkey-server'] as const;

/** The first server that is recent enough, otherwise the first old one, so that its version can be reported. */
export async function findServer(run: Run = runProgram): Promise<Found> {
  let old: Server | undefined;
  for (const folder of folders) {
    for (const name of names) {
      const path = `${folder}${name}`;
      const { code, output } = await run(path, ['--version']);
      const version = code === 0 ? /\bv=(\d+\.\d+\.\d+)/.exec(output)?.[1] : undefined;
      if (version === undefined) continue;
      if (isNewEnough(version)) return { kind: 'found', server: { path, version } };
      old ??= { path, version };
    }
  }
  return old === undefined ? { kind: 'none' } : { kind: 'old', server: old };
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 2);
}
