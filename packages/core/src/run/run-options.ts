import type { MonitorMetrics, StepMetrics } from '../kinds/run-record.js';

/** How to run a pipeline. */
export interface RunOptions {
  /** Contains a folder per pipeline, which contains a folder per run. */
  readonly folder: string;
  /** Continues interrupted runs. */
  readonly resume: boolean;
  /** Starts over and removes existing runs. */
  readonly fresh: boolean;
  /** The version of ssql, for the manifest. */
  readonly version: string;
  readonly signal: AbortSignal;
  /** Called with the progress of the work. */
  readonly onProgress: (progress: RunProgress) => void;
  /** Called with a line for the user. */
  readonly onNote: (line: string) => void;
  /** Milliseconds, to time steps for `threads: auto`; default: `performance.now`. */
  readonly clock?: () => number;
}

export interface RunProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly metrics?: StepMetrics;
  /** New results of the monitor. */
  readonly monitored?: MonitorMetrics;
}
