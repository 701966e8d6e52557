/**
 * Closes resources in the reverse order of their opening, because a part depends on those opened before it. All are
 * closed, even if one fails. (AsyncDisposableStack does this, but only Node 24 has it.)
 *
 *     const cleanup = openCleanup();
 *     const server = cleanup.use(await open());   cleanup.defer(() => file.close());
 *     await cleanup.close();
 */
export type Cleanup = {
  /** Registers a resource to close. @returns the resource */
  use<T extends AsyncDisposable | Disposable>(resource: T): T;
  defer(close: () => unknown): void;
  /** Closes everything once, however often it is called. @throws the error of a failed close; several as an AggregateError */
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
    if (faults.length > 1) throw new AggregateError(faults, `${faults.length} resources could not be closed`);
    if (faults.length === 1) throw faults[0];
  }

  return {
    use(resource) {
      closers.push(() => (Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose]()));
      return resource;
    },
    defer: (close) => void closers.push(close),
    close: () => (closing ??= closeAll()),
  };
}
