import type { Evaluation, MonitorMetrics, StepMetrics } from './run-record.js';

/** Writes the measurements of runs to a file or a server. It does not affect training. */
export interface Logger {
  /** Opens the log of one run, before its first step. */
  open(run: LoggedRun): Promise<RunLog>;
}

/** The run that is logged. */
export interface LoggedRun {
  /**
   * The path of a file for the logger to write, or of a folder for it to make, in the folder of the run.
   * @param name a plain file name, without a folder, that ssql does not use
   * @throws SsqlError FILE_NAME_INVALID
   */
  file(name: string): string;
  /** The run's path in the folder of runs, `pipeline/id`: the same in every session of the run. */
  readonly name: string;
  /**
   * The last saved step; 0 for a new run. Logging continues with the next step. Later steps that an interrupted session logged are
   * measured again.
   */
  readonly step: number;
  /** The last step of the training. A log that is closed before this step is that of a run that was interrupted or failed. */
  readonly steps: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The open log of one run. If it throws, the step is saved and the run stops. */
export interface RunLog {
  /** Takes the metrics of a step; called after each step, in order. */
  metrics(metrics: StepMetrics): Promise<void>;
  /** Takes the results of a stage. Omit it if the logger does not use them. */
  evaluations?(evaluations: readonly Evaluation[]): Promise<void>;
  /**
   * Takes the results of the pipeline's monitor, once per monitored step. A run that resumes at a monitored step gives the results of that
   * step again: its last session may have ended before they were logged. Omit it if the logger does not use them.
   */
  monitored?(metrics: MonitorMetrics): Promise<void>;
  /** Called once, even if the run fails. */
  close(): Promise<void>;
}
