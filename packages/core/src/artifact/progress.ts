import { join } from 'node:path';
import { readJson, RUN_FILES } from './run-files.js';
import type { Evaluation } from '../kinds/run-record.js';

/** How far a run is: the content of finished.json. */
export interface Progress {
  /** Whether all of it is done. */
  readonly run: boolean;
  readonly trainingFingerprint?: string;
  /** The phases that were finished, with the fingerprint of each. */
  readonly phases: { readonly [phase: string]: string };
  /** What each stage found. */
  readonly evaluations: { readonly [stage: string]: readonly Evaluation[] };
}

/** How far the run in a folder is; nothing where it has not begun. @throws SsqlError RUN_CORRUPT */
export function readProgress(folder: string): Promise<Progress> {
  return readJson<Progress>(join(folder, RUN_FILES.finished), { run: false, phases: {}, evaluations: {} });
}
