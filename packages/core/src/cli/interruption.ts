import { constants } from 'node:os';
import type { NoticeData } from './interruption-notice.js';

export interface Interruption {
  /** Aborts at the first Ctrl-C or SIGTERM, or when the terminal is closed. */
  readonly signal: AbortSignal;
  /** The exit status of the interrupted process: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP. */
  status(): number;
  /** For `serveOnce`. */
  readonly notice: NoticeData;
  /** Stops listening. */
  end(): void;
}

/** `SIGHUP` comes when the terminal is closed. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

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
  const stop = (name: NodeJS.Signals): void => {
    number = constants.signals[name];
    const unwritten = claim();
    end();
    if (unwritten) note(text);
    controller.abort();
  };
  const end = (): void => {
    // Before the handlers go: the thread would take that for a signal.
    claim();
    for (const signal of SIGNALS) process.off(signal, stop);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  const notice = { signals: SIGNALS, text, state };
  return { signal: controller.signal, status: () => 128 + number, notice, end };
}
