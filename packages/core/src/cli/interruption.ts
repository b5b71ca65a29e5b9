export interface Interruption {
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** The exit status of the interrupted process: 130 after Ctrl-C, 143 after SIGTERM. */
  status(): number;
  /** Stops listening. */
  end(): void;
}

const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * The first Ctrl-C asks the work to stop at a point from which it can resume; the second one ends the process as usual, within a step only
 * after `serveOnce`.
 */
export function interruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let number = 0;
  const stop = (name: keyof typeof NUMBERS): void => {
    number = NUMBERS[name];
    end();
    onFirst();
    controller.abort();
  };
  const onInterrupt = (): void => stop('SIGINT');
  const onTermination = (): void => stop('SIGTERM');
  const end = (): void => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTermination);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTermination);
  return { signal: controller.signal, status: () => 128 + number, end };
}
