import type { MonitorMetrics, StepMetrics } from '../kinds/run-record.js';

/** How a pipeline is to be run. */
export interface RunOptions {
  /** Holds a folder for each pipeline, which holds one for each of its runs. */
  readonly folder: string;
  /** Goes on with runs that were stopped. */
  readonly resume: boolean;
  /** Starts anew, and removes what was there. */
  readonly fresh: boolean;
  /** Of ssql, for the manifest. */
  readonly version: string;
  readonly signal: AbortSignal;
  /** How far the work is. */
  readonly onProgress: (progress: RunProgress) => void;
  /** A line that a person should read. */
  readonly onNote: (line: string) => void;
}

export interface RunProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly metrics?: StepMetrics;
  /** What the stages of the monitor have just found. */
  readonly monitored?: MonitorMetrics;
}
