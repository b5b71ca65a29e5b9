import { join } from 'node:path';
import { readJson, RUN_FILES } from './run-files.js';
import type { Evaluation } from '../kinds/run-record.js';

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
}

/** The progress of a run that has not started. */
export const UNSTARTED: Progress = { run: false, phases: {}, evaluations: {} };

/** The progress of the run in a folder; empty if it has not started. @throws SsqlError RUN_CORRUPT */
export function readProgress(folder: string): Promise<Progress> {
  return readJson<Progress>(join(folder, RUN_FILES.finished), UNSTARTED);
}
