/** Runs a task soon after a request, at most once per interval, and never twice at once. */
export type Throttled = {
  wake(): void;
  stop(): void;
};

/** @param run never throws */
export function throttle(run: () => Promise<void>, everyMs: number): Throttled {
  let timer: NodeJS.Timeout | undefined;
  let asked = false;
  let stopped = false;
  function start(delayMs: number): void {
    asked = false;
    timer = setTimeout(() => void go(), delayMs).unref();
  }
  async function go(): Promise<void> {
    await run();
    if (stopped) return;
    // The pause comes after the run, so the first call after a silence does not wait.
    timer = setTimeout(() => {
      timer = undefined;
      if (asked && !stopped) start(0);
    }, everyMs).unref();
  }
  return {
    wake() {
      asked = true;
      if (timer === undefined && !stopped) start(0);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
