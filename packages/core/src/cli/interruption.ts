export interface Interruption {
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  end(): void;
}

/** The first Ctrl-C asks the work to stop where it can go on later; the second one ends the process as usual. */
export function interruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const stop = (): void => {
    end();
    onFirst();
    controller.abort();
  };
  const end = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, end };
}
