import type { NoticeData } from './interruption-notice.js';

export interface Interruption {
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** The exit status of the interrupted process: 130 after Ctrl-C, 143 after SIGTERM. */
  status(): number;
  /** For `serveOnce`. */
  readonly notice: NoticeData;
  /** Stops listening. */
  end(): void;
}

const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * The first Ctrl-C asks the work to stop at a point from which it can resume; the second one ends the process as usual, within a step only
 * after `serveOnce`.
 * @param note writes the text of the first Ctrl-C, unless the thread of `serveOnce` wrote it
 */
export function interruption(text: string, note: (text: string) => void): Interruption {
  const controller = new AbortController();
  const state = new Int32Array(new SharedArrayBuffer(4));
  /** Ends the thread of `serveOnce`. Returns whether the text was not written. */
  const claim = (): boolean => {
    const unwritten = Atomics.compareExchange(state, 0, 0, 1) === 0;
    Atomics.notify(state, 0);
    return unwritten;
  };
  let number = 0;
  const stop = (name: keyof typeof NUMBERS): void => {
    number = NUMBERS[name];
    const unwritten = claim();
    end();
    if (unwritten) note(text);
    controller.abort();
  };
  const onInterrupt = (): void => stop('SIGINT');
  const onTermination = (): void => stop('SIGTERM');
  const end = (): void => {
    // Before the handlers go: the thread would take that for a signal.
    claim();
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTermination);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTermination);
  const notice = { signals: ['SIGINT', 'SIGTERM'], text, state } as const;
  return { signal: controller.signal, status: () => 128 + number, notice, end };
}
