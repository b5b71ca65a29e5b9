import type { Evaluation, RunRecord } from '../kinds/run-record.js';

/** The progress of a run: the content of finished.json. */
export interface Progress {
  /** Whether the whole run is finished. */
  readonly run: boolean;
  readonly trainingFingerprint?: string;
  /** The finished phases, each with its fingerprint. */
  readonly phases: { readonly [phase: string]: string };
  /** The evaluations of each stage. */
  readonly evaluations: { readonly [stage: string]: readonly Evaluation[] };
  /** The evaluations of finished stages that the pipeline no longer has, by the fingerprint of the stage. */
  readonly earlier?: { readonly [fingerprint: string]: readonly Evaluation[] };
  /** The bits of mixed precisions. */
  readonly assignments?: RunRecord['assignments'];
  /** Its costs, by precision. */
  readonly costs?: RunRecord['costs'];
  /** The SHA-256 of metrics.ndjson after training. */
  readonly metrics?: string;
}

/** The progress of a run that has not started. */
export const UNSTARTED: Progress = { run: false, phases: {}, evaluations: {} };
