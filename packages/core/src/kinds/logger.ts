import type { Evaluation, MonitorMetrics, StepMetrics } from './run-record.js';

/** Takes what runs measure to where somebody looks at it: a file, a server. It changes nothing that is trained. */
export interface Logger {
  /** Opens the log of one run, before its first step. */
  open(run: LoggedRun): Promise<RunLog>;
}

/** The run that is logged. */
export interface LoggedRun {
  /** The run's folder, where the files of its log belong. */
  readonly folder: string;
  /** The run's name below the folder of runs, `pipeline/id`: the same for every session that works on it. */
  readonly name: string;
  /**
   * The last step that was saved: the first one to come is the next. 0 for a run that starts anew. What was logged of later steps, by a
   * session that was stopped, is measured again.
   */
  readonly step: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The log of one run, open. What it throws stops the run, after its step was saved. */
export interface RunLog {
  /** Takes what a step measured; called after each, in their order. */
  metrics(metrics: StepMetrics): Promise<void>;
  /** Takes what a stage found; left out where the logger has no use for it. */
  evaluations?(evaluations: readonly Evaluation[]): Promise<void>;
  /** Takes what the stages of the pipeline's monitor found, once a step that it watches; left out where the logger has no use for it. */
  monitored?(metrics: MonitorMetrics): Promise<void>;
  /** Called once, also where the run fails. */
  close(): Promise<void>;
}
