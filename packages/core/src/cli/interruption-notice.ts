import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { workerData } from 'node:worker_threads';
import { signalActions } from './signal-actions.js';
import { ERASE_LINE } from './live-line.js';

/** What the main thread and the thread of the notice share. */
export interface NoticeData {
  readonly signals: readonly NodeJS.Signals[];
  readonly text: string;
  /** One number: 0 while nobody has written the notice and it may be needed. */
  readonly state: Int32Array;
}

const POLL_MILLISECONDS = 100;

/** The thread that writes the notice of the first signal while a step blocks the main thread. */
async function writeNotice({ signals, text, state }: NoticeData): Promise<void> {
  const actions = await signalActions();
  while (Atomics.wait(state, 0, 0, POLL_MILLISECONDS) === 'timed-out') {
    if (!signals.some((signal) => actions?.isDefault(signal) === true)) continue;
    // The stream `process.stderr` of a thread waits for the main thread. A failure ends only this thread.
    if (Atomics.compareExchange(state, 0, 0, 1) === 0) writeSync(2, `${isatty(2) ? ERASE_LINE : ''}${text}\n`);
  }
}

await writeNotice(workerData as NoticeData);
