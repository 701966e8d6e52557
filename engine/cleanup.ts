/**
 * Things to close, in the reverse order of their opening: a part stands on those that were opened before it.
 * All are closed, also when one fails. (AsyncDisposableStack does this; Node has it from 24 on.)
 *
 *     const cleanup = openCleanup();
 *     const server = cleanup.use(await open());   cleanup.defer(() => file.close());
 *     await cleanup.close();
 */
export type Cleanup = {
  /** Takes something that is to be closed; gives it back. */
  use<T extends AsyncDisposable>(resource: T): T;
  defer(close: () => unknown): void;
  /** Closes everything, each once however often this is called. @throws what failed; several as an AggregateError */
  close(): Promise<void>;
};

export function openCleanup(): Cleanup {
  const closers: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    const faults: unknown[] = [];
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      try {
        await close();
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 1) throw new AggregateError(faults, `${faults.length} things could not be closed`);
    if (faults.length === 1) throw faults[0];
  }

  return {
    use(resource) {
      closers.push(() => resource[Symbol.asyncDispose]());
      return resource;
    },
    defer: (close) => void closers.push(close),
    close: () => (closing ??= closeAll()),
  };
}
