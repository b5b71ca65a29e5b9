import { readVersion } from '../version.js';
import type { OnEvent } from './run-event.js';

/** How to run a pipeline. */
export interface RunOptions {
  /** Contains a folder per pipeline, which contains a folder per run. Default: `runs`. */
  readonly folder: string;
  /** Continues interrupted runs. Default: they are an error. */
  readonly resume: boolean;
  /** Starts over and removes existing runs. Default: finished phases are kept. */
  readonly fresh: boolean;
  /** The version for the manifest. Default: that of ssql. */
  readonly version: string;
  /** Stops the work after a step, with its reason. What was saved is kept. Default: nothing stops it. */
  readonly signal: AbortSignal;
  /** Called with each event. Default: nothing is called. */
  readonly onEvent: OnEvent;
  /** Milliseconds, to time steps for `threads: auto`. Default: `performance.now`. */
  readonly clock: () => number;
}

export function completeOptions(options: Partial<RunOptions>): RunOptions {
  return {
    folder: 'runs',
    resume: false,
    fresh: false,
    version: readVersion(),
    signal: new AbortController().signal,
    onEvent: () => undefined,
    clock: () => performance.now(),
    ...options,
  };
}
