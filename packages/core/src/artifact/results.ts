import { join } from 'node:path';
import { isLocked } from '../file-lock.js';
import type { Evaluation, RunRecord } from '../kinds/run-record.js';
import { distinctEvaluations } from './distinct-evaluations.js';
import { runCorrupt } from './artifact-errors.js';
import { UNSTARTED, type Progress } from './progress.js';
import { jsonText, LOCK, readAssignments, readCosts, readIfThere, readProgress, RUN_FILES } from './run-files.js';
import { earlierEvaluations } from './stage-results.js';

/** The results of a run: of the stages that its pipeline has, the bits of mixed precisions, and what the precisions cost. */
export interface Results {
  readonly evaluations: readonly Evaluation[];
  readonly assignments: RunRecord['assignments'];
  readonly costs: RunRecord['costs'];
}

/**
 * The results of a run, from finished.json.
 * @param onNote is told of a file that says something else
 * @throws SsqlError RUN_CORRUPT
 */
export async function readResults(folder: string, onNote: (line: string) => void): Promise<Results> {
  const progress = await readProgress(folder);
  if (progress === UNSTARTED && (await readIfThere(join(folder, RUN_FILES.evaluations))) !== undefined)
    throw runCorrupt(`${join(folder, RUN_FILES.finished)} is missing, which has the results`, undefined);
  // A process that uses the run may be about to write them.
  if (!(await isLocked(join(folder, LOCK)))) await noteOtherResults(folder, progress, onNote);
  return {
    evaluations: distinctEvaluations(Object.values(progress.evaluations)),
    assignments: await assignmentsOf(folder, progress),
    costs: progress.costs ?? (await readCosts(folder)), // older runs have them only in a file of their own
  };
}

/** The bits of mixed precisions. Older runs have them only in a file of their own. */
export async function assignmentsOf(folder: string, { assignments }: Progress): Promise<RunRecord['assignments']> {
  return assignments ?? (await readAssignments(folder));
}

/** The files that repeat results of finished.json, for people and other programs: their names and texts. */
export function resultFiles(progress: Progress): readonly (readonly [name: string, text: string])[] {
  const current = distinctEvaluations(Object.values(progress.evaluations));
  return [
    [RUN_FILES.evaluations, jsonText([...current, ...earlierEvaluations(progress)])],
    ...(progress.assignments === undefined ? [] : ([[RUN_FILES.assignments, jsonText(progress.assignments)]] as const)),
    ...(progress.costs === undefined ? [] : ([[RUN_FILES.costs, jsonText(progress.costs)]] as const)),
  ];
}

/** Notes each file that does not say what finished.json says: it was changed, or a process was killed before it wrote it. */
export async function noteOtherResults(
  folder: string,
  progress: Progress,
  onNote: (line: string) => void,
): Promise<void> {
  for (const [name, text] of resultFiles(progress)) {
    const stored = await readIfThere(join(folder, name)).then(
      (bytes) => bytes?.toString(),
      () => '', // a folder or a pipe is in its place
    );
    if (stored === undefined && Object.keys(progress.evaluations).length === 0) continue; // not written yet
    if (stored !== text)
      onNote(
        `${join(folder, name)} does not hold the results that ${RUN_FILES.finished} has. Those of ${RUN_FILES.finished} ` +
          'are used, and `ssql run --resume` writes the file again, unless a folder is in its place.',
      );
  }
}
