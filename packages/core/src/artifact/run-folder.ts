import { existsSync } from 'node:fs';
import { appendFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCheckpoint, readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint-files.js';
import { progressMissing, runInUse, runOutdated, runUnfinished, weightsMissing } from './artifact-errors.js';
import { claimLock, isLocked, lockOwner, type FileLock } from '../file-lock.js';
import { sha256, withChecksum, withChecksumLine } from './checksum.js';
import { checkWritable, isFolder, makeFolder } from '../make-folder.js';
import type { Progress } from './progress.js';
import {
  checkTraining,
  jsonText,
  LOCK,
  readIfThere,
  readProgress as readProgressOf,
  readTimings,
  readWeights,
  RUN_FILES,
  TRAINING,
} from './run-files.js';
import { assignmentsOf, noteOtherResults, resultFiles } from './results.js';
import type {
  BitAssignment,
  Evaluation,
  MonitorMetrics,
  NamedWeights,
  RunRecord,
  StepMetrics,
} from '../kinds/run-record.js';
import {
  countMetrics,
  isMonitorMetrics,
  metricsLines,
  readMetrics,
  type MetricsCount,
  type WrittenMetrics,
} from './metrics-files.js';
import { arrangeStages, type StageFingerprints } from './stage-results.js';
import { encodeSafetensors } from './safetensors.js';
import { removeUnfinished, writeAtomic, writeError } from './write-atomic.js';

/** The folder of a run, open for writing. All files except metrics.ndjson are replaced atomically. */
export interface RunFolder {
  readonly folder: string;
  writePipeline(yaml: string): Promise<void>;
  writeManifest(manifest: RunRecord['manifest']): Promise<void>;
  writeCosts(costs: RunRecord['costs']): Promise<void>;
  /** Buffers a line in memory until `flushMetrics`. */
  appendMetrics(metrics: StepMetrics | MonitorMetrics): void;
  /** Writes the buffered lines. Called before a checkpoint is saved, and after a measurement of the monitor. */
  flushMetrics(): Promise<void>;
  /**
   * Removes the metrics of later steps, for a run that resumes at this step. A note says if earlier ones are missing or changed.
   * @param written the metrics that the checkpoint tells
   */
  truncateMetrics(step: number, written?: WrittenMetrics): Promise<void>;
  /** Adds evaluations of a stage. finished.json holds them; evaluation.json numbers stages of the same name that measured the same. */
  recordEvaluations(stage: string, evaluations: readonly Evaluation[]): Promise<void>;
  /** Records the bit widths of all sites at a mixed precision. */
  recordAssignment(precision: string, assignment: BitAssignment): Promise<void>;
  /** Makes the results of these stages the current ones; those of other finished stages are set aside. */
  arrangeStages(wanted: StageFingerprints): Promise<void>;
  /** Adds to the duration of a phase, in seconds. */
  addTiming(phase: string, seconds: number): Promise<void>;
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** The last checkpoint that is not damaged; undefined if none was saved. @throws SsqlError CHECKPOINT_CORRUPT, RUN_CORRUPT */
  loadCheckpoint(): Promise<Checkpoint | undefined>;
  writeWeights(weights: readonly NamedWeights[]): Promise<void>;
  /** The weights of a trained run. @throws SsqlError CHECKPOINT_CORRUPT, RUN_CORRUPT, WEIGHTS_MISSING */
  loadWeights(): Promise<readonly NamedWeights[]>;
  /** Records the fingerprint of everything that training depends on. */
  begin(trainingFingerprint: string): Promise<void>;
  /** The finished phases, each with its fingerprint: a hash of everything that it depends on. */
  finishedPhases(): Promise<{ readonly [phase: string]: string }>;
  markFinished(phase: string, fingerprint: string): Promise<void>;
  /** Marks the whole run as finished, so that it can be opened again without `resume`. */
  finishRun(): Promise<void>;
}

export interface RunFlags {
  readonly resume: boolean;
  readonly fresh: boolean;
}

/**
 * Checks that a run may be written to a folder. Writes nothing.
 * @param trainingFingerprint fingerprint of everything that training depends on
 * @throws SsqlError RUN_UNFINISHED, RUN_OUTDATED, RUN_CORRUPT
 */
export async function admitRun(
  folder: string,
  { resume, fresh }: RunFlags,
  trainingFingerprint: string,
): Promise<void> {
  const before = fresh ? undefined : await readSaved(folder);
  if (before === undefined) return;
  if ((before.trainingFingerprint ?? trainingFingerprint) !== trainingFingerprint) throw runOutdated(folder);
  if (!resume && !before.run) throw runUnfinished(folder);
}

/**
 * Opens a run's folder for writing, and creates it if it does not exist. With `fresh`, it removes the files of an earlier run; it also
 * does so if the earlier run saved nothing. Files that a killed process left unfinished are removed too.
 * @param onNote is told what the folder lost: that the checkpoint before the last is used, that metrics are missing, that files of
 * results are written again
 * @throws SsqlError RUN_UNFINISHED, RUN_CORRUPT, DISK_FULL, NOT_WRITABLE
 */
export async function openRunFolder(
  folder: string,
  { resume, fresh }: RunFlags,
  onNote?: (line: string) => void,
): Promise<RunFolder> {
  const checkpoints = join(folder, RUN_FILES.checkpoints);
  await makeFolder(checkpoints).catch(unwritable(checkpoints));
  for (const each of [folder, checkpoints]) await removeUnfinished(each);
  const before = fresh ? undefined : await readSaved(folder);
  if (before === undefined) await removeRun(folder).catch(unwritable(folder));
  else if (!resume && !before.run) throw runUnfinished(folder);
  else if (onNote !== undefined) await noteOtherResults(folder, before, onNote);
  return runFolder(folder, onNote);
}

/**
 * Locks run folders for this process, and creates those that do not exist.
 * @returns a function that releases the locks
 * @throws SsqlError RUN_IN_USE, LOCK_UNSUPPORTED, DISK_FULL, NOT_WRITABLE
 */
export async function claimRuns(folders: readonly string[]): Promise<() => Promise<void>> {
  const locks: FileLock[] = [];
  const release = async (): Promise<void> => {
    for (const lock of locks.splice(0)) lock.release();
  };
  try {
    for (const folder of folders) {
      await makeFolder(folder).catch(unwritable(folder));
      const file = join(folder, LOCK);
      const lock = await claimLock(file).catch(unwritable(file));
      if (lock === undefined) throw runInUse(folder, await lockOwner(file));
      locks.push(lock);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

/** Checks that a run can be written to a folder, as far as that can be told without writing. @throws SsqlError NOT_WRITABLE */
export async function checkRunFolder(folder: string): Promise<void> {
  await checkWritable(folder).catch(unwritable(folder));
}

/** Whether a process is using a run. */
export function isInUse(folder: string): Promise<boolean> {
  return isLocked(join(folder, LOCK));
}

/** The progress of the run in a folder; undefined if it saved nothing that could be lost. @throws SsqlError RUN_CORRUPT */
async function readSaved(folder: string): Promise<Progress | undefined> {
  const progress = await readProgressOf(folder);
  if (Object.keys(progress.phases).length > 0 || hasCheckpoint(folder)) return progress;
  // Weights are written after the last checkpoint, so files were lost.
  if (existsSync(join(folder, RUN_FILES.weights))) throw progressMissing(folder, RUN_FILES.finished, RUN_FILES.weights);
  return undefined;
}

/** Removes only the files of a run, so that a mistyped folder loses nothing else. */
async function removeRun(folder: string): Promise<void> {
  const runFiles: readonly string[] = Object.values(RUN_FILES);
  const there = await readdir(folder);
  // In an order such that what a kill leaves is a run that resumes, or none.
  const { finished, weights, evaluations } = RUN_FILES;
  const first = [finished, weights, evaluations].filter((name) => there.includes(name));
  for (const name of new Set([...first, ...there])) {
    if (runFiles.includes(name) || name.startsWith('events.out.tfevents.'))
      await rm(join(folder, name), { recursive: true });
  }
  await makeFolder(join(folder, RUN_FILES.checkpoints));
}

/** Throws what a failure to write to a run's folder means to the user. */
function unwritable(folder: string): (error: unknown) => never {
  return (error) => {
    throw writeError(folder, error);
  };
}

function runFolder(folder: string, onNote?: (line: string) => void): RunFolder {
  const at = (name: keyof typeof RUN_FILES): string => join(folder, RUN_FILES[name]);
  const writeJson = (file: string, value: unknown): Promise<void> => writeAtomic(file, jsonText(value));
  const readProgress = (): Promise<Progress> => readProgressOf(folder);
  const writeProgress = (progress: Progress): Promise<void> => writeJson(at('finished'), withChecksum(progress));
  const writeResults = async (progress: Progress): Promise<void> => {
    await writeProgress(progress);
    // They repeat finished.json, so a folder in their place, which a note names, stops nothing.
    for (const [name, text] of resultFiles(progress))
      if (!(await isFolder(join(folder, name)))) await writeAtomic(join(folder, name), text);
  };
  let pending: ReturnType<typeof metricsLines>[] = [];
  /** In a session that trains. */
  let written: MetricsCount | undefined;

  return {
    folder,
    writePipeline: (yaml) => writeAtomic(at('pipeline'), withChecksumLine(yaml)),
    writeManifest: (manifest) => writeJson(at('manifest'), withChecksum(manifest)),
    async writeCosts(costs) {
      await writeProgress({ ...(await readProgress()), costs });
      await writeJson(at('costs'), costs);
    },
    appendMetrics: (metrics) => void pending.push(metricsLines(metrics)),
    async flushMetrics() {
      const lines = pending;
      pending = [];
      for (const file of ['speed', 'metrics'] as const)
        await appendFile(at(file), lines.map((line) => line[file]).join(''), { flush: true }).catch(
          unwritable(at(file)),
        );
      written?.add(lines.map((line) => line.metrics).join(''));
    },
    async truncateMetrics(step, expected) {
      pending = [];
      const stored = ((await readIfThere(at('metrics'))) ?? Buffer.of()).subarray(0, expected?.bytes);
      const kept = (await readMetrics(folder)).filter((metrics) => metrics.step <= step);
      const lost = step - new Set(kept.filter((line) => !isMonitorMetrics(line)).map((line) => line.step)).size;
      if (lost > 0) onNote?.(`${at('metrics')} lacks ${lost} of the ${step} steps before the checkpoint: it was cut.`);
      else if (expected !== undefined && sha256(stored) !== expected.sha256)
        onNote?.(
          `${at('metrics')} is not what was written before the checkpoint: it was changed. Its curves may be wrong.`,
        );
      const lines = kept.map(metricsLines);
      for (const file of ['speed', 'metrics'] as const)
        await writeAtomic(at(file), lines.map((line) => line[file]).join(''));
      written = countMetrics();
      written.add(lines.map((line) => line.metrics).join(''));
    },
    async recordEvaluations(stage, evaluations) {
      const progress = await readProgress();
      const recorded = [...(progress.evaluations[stage] ?? []), ...evaluations];
      await writeResults({ ...progress, evaluations: { ...progress.evaluations, [stage]: recorded } });
    },
    async recordAssignment(precision, assignment) {
      const progress = await readProgress();
      const before = await assignmentsOf(folder, progress);
      await writeResults({ ...progress, assignments: { ...before, [precision]: assignment } });
    },
    arrangeStages: async (wanted) => writeResults(arrangeStages(await readProgress(), wanted)),
    async addTiming(phase, seconds) {
      const timings = await readTimings(folder);
      await writeJson(at('timings'), { ...timings, [phase]: (timings[phase] ?? 0) + seconds });
    },
    async saveCheckpoint(checkpoint) {
      const training = (await readProgress()).trainingFingerprint;
      await writeCheckpoint(folder, { ...checkpoint, training, metrics: written?.total() });
    },
    async loadCheckpoint() {
      const checkpoint = await readCheckpoint(folder, onNote);
      checkTraining(at('checkpoint'), checkpoint?.training, await readProgress());
      return checkpoint;
    },
    async writeWeights(weights) {
      const { trainingFingerprint: training } = await readProgress();
      const bytes = encodeSafetensors(
        weights.map((weight) => ({ ...weight, dtype: 'F32' })),
        { format: 'pt', ...(training !== undefined && { [TRAINING]: training }) },
      );
      await writeAtomic(at('weights'), bytes);
    },
    async loadWeights() {
      if (!existsSync(at('weights'))) throw weightsMissing(at('weights'));
      return readWeights(folder);
    },
    begin: async (trainingFingerprint) => writeProgress({ ...(await readProgress()), trainingFingerprint }),
    finishedPhases: async () => (await readProgress()).phases,
    async markFinished(phase, fingerprint) {
      const progress = await readProgress();
      const metrics = written?.total().sha256 ?? progress.metrics;
      await writeProgress({
        ...progress,
        phases: { ...progress.phases, [phase]: fingerprint },
        ...(metrics !== undefined && { metrics }),
      });
    },
    finishRun: async () => writeProgress({ ...(await readProgress()), run: true }),
  };
}
