import { Worker } from 'node:worker_threads';
import type { NoticeData } from './interruption-notice.js';
import { signalActions } from './signal-actions.js';

/**
 * Makes the handlers of signals serve once: a second signal ends the process at once, also within a long step, although JavaScript handles
 * signals only between steps. A thread writes the notice of the first signal meanwhile. Called after the handlers were set. On other
 * systems, both wait for the end of the step.
 */
export async function serveOnce(notice: NoticeData): Promise<void> {
  const actions = await signalActions();
  if (actions === undefined) return;
  for (const signal of notice.signals) actions.serveOnce(signal);
  const thread = new Worker(new URL('./interruption-notice.js', import.meta.url), { workerData: notice });
  // Without the thread, the notice waits for the end of the step.
  thread.on('error', () => undefined);
  thread.unref();
}
