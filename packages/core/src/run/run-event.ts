import type { MonitorMetrics, RunRecord, StepMetrics } from '../kinds/run-record.js';

/** A run of a pipeline, as events name it. */
export interface RunPlace {
  /** Its number, from 1. */
  readonly number: number;
  /** The number of runs of the pipeline. */
  readonly of: number;
  /** `SSQL-SimSiam seed 1`. Without a matrix, its method: `SSQL-SimSiam`. */
  readonly label: string;
  /** The path of its folder. */
  readonly folder: string;
}

/** What happens while a pipeline runs. */
export type RunEvent = RunsPlanned | RunStepped | RunProgressed | RunMonitored | RunFinished | RunNote;

/** All runs are checked, and the first one begins. */
export interface RunsPlanned {
  readonly type: 'planned';
  readonly runs: readonly {
    readonly run: RunPlace;
    /** Steps of pretraining, done by earlier sessions and in total. */
    readonly steps: { readonly done: number; readonly total: number };
    /** Whether a phase is to be executed. */
    readonly pending: boolean;
  }[];
}

/** A step of pretraining is done. The first event of a session, before its first step, has no metrics. */
export interface RunStepped {
  readonly type: 'step';
  readonly run: RunPlace;
  readonly done: number;
  readonly total: number;
  /** Passes over the training images in total. */
  readonly epochs: number;
  readonly metrics?: StepMetrics;
}

/** Progress of a phase other than pretraining. */
export interface RunProgressed {
  readonly type: 'progress';
  /** Omitted in a stage after all runs. */
  readonly run?: RunPlace;
  /** `probe 2`, `monitor`. */
  readonly phase: string;
  /** What the phase does: `features w4a4`. */
  readonly message: string;
  readonly done: number;
  readonly total: number;
}

/** The monitor has new results. */
export interface RunMonitored {
  readonly type: 'monitored';
  readonly run: RunPlace;
  readonly metrics: MonitorMetrics;
}

/** A run is finished. */
export interface RunFinished {
  readonly type: 'finished';
  readonly run: RunPlace;
  readonly record: RunRecord;
  /** Seconds of this session; `undefined` if there was nothing to do. */
  readonly seconds?: number;
}

/** Something that people should know. */
export interface RunNote {
  readonly type: 'note';
  readonly text: string;
}

/** Takes events as they happen. */
export type OnEvent = (event: RunEvent) => void;

/** Takes lines for people, and passes them on as events. */
export function noteTo(onEvent: OnEvent): (text: string) => void {
  return (text) => onEvent({ type: 'note', text });
}
