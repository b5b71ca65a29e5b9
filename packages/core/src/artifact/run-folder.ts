import { appendFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointCorrupt, runInUse, runOutdated, runUnfinished } from './artifact-errors.js';
import { claimLock, isLocked, lockOwner, type FileLock } from '../file-lock.js';
import { readProgress as readProgressOf, type Progress } from './progress.js';
import { readIfThere, readJson, readMetrics, readSafetensors, RUN_FILES } from './run-files.js';
import { distinctEvaluations } from './distinct-evaluations.js';
import type {
  BitAssignment,
  Evaluation,
  MonitorMetrics,
  NamedWeights,
  RunRecord,
  StepMetrics,
} from '../kinds/run-record.js';
import { encodeSafetensors, type StoredTensor } from './safetensors.js';
import { writeAtomic, writeError } from './write-atomic.js';

export interface Checkpoint {
  readonly epoch: number;
  readonly step: number;
  readonly tensors: readonly StoredTensor[];
}

/** Where one run is written. Every file but metrics.ndjson is replaced whole or not at all. */
export interface RunFolder {
  readonly folder: string;
  writePipeline(yaml: string): Promise<void>;
  writeManifest(manifest: RunRecord['manifest']): Promise<void>;
  /** Keeps a line in memory until `flushMetrics`. */
  appendMetrics(metrics: StepMetrics | MonitorMetrics): void;
  /** Called before a checkpoint is saved, and behind what a monitor found. */
  flushMetrics(): Promise<void>;
  /** Drops what was measured on later steps than this, for a run that resumes there. */
  truncateMetrics(step: number): Promise<void>;
  /** Adds what a stage found. Two stages of one name are told apart in evaluation.json where they measured the same. */
  recordEvaluations(stage: string, evaluations: readonly Evaluation[]): Promise<void>;
  /** Says which bits sites got at a mixed precision. */
  recordAssignment(precision: string, assignment: BitAssignment): Promise<void>;
  /** Forgets all stages but these: what they found, and that they were finished. */
  keepStages(stages: readonly string[]): Promise<void>;
  /** Adds to the seconds that a phase took. */
  addTiming(phase: string, seconds: number): Promise<void>;
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** The last checkpoint, or undefined. @throws SsqlError CHECKPOINT_CORRUPT */
  loadCheckpoint(): Promise<Checkpoint | undefined>;
  writeWeights(weights: readonly NamedWeights[]): Promise<void>;
  /** Says what the run is trained from, by fingerprint. */
  begin(trainingFingerprint: string): Promise<void>;
  /** The phases that were finished, with the fingerprint of each, a hash of all that it depends on. */
  finishedPhases(): Promise<{ readonly [phase: string]: string }>;
  markFinished(phase: string, fingerprint: string): Promise<void>;
  /** Marks the whole run as done: it may be opened again without `resume`. */
  finishRun(): Promise<void>;
}

export interface RunFlags {
  readonly resume: boolean;
  readonly fresh: boolean;
}

/**
 * Whether a run may be written into a folder. Writes nothing.
 * @param trainingFingerprint fingerprint of what the run is trained from
 * @throws SsqlError RUN_UNFINISHED, RUN_OUTDATED
 */
export async function admitRun(
  folder: string,
  { resume, fresh }: RunFlags,
  trainingFingerprint: string,
): Promise<void> {
  const before = await readSaved(folder);
  if (fresh || before === undefined) return;
  if ((before.trainingFingerprint ?? trainingFingerprint) !== trainingFingerprint) throw runOutdated(folder);
  if (!resume && !before.run) throw runUnfinished(folder);
}

/**
 * Opens a run's folder for writing, and makes it where it is missing. `fresh` removes what an earlier run wrote there;
 * one that saved nothing starts anew.
 * @throws SsqlError RUN_UNFINISHED, DISK_FULL, NOT_WRITABLE
 */
export async function openRunFolder(folder: string, { resume, fresh }: RunFlags): Promise<RunFolder> {
  await mkdir(join(folder, RUN_FILES.checkpoints), { recursive: true }).catch((error: unknown) => {
    throw writeError(folder, error);
  });
  const before = await readSaved(folder);
  if (fresh || before === undefined) await removeRun(folder);
  else if (!resume && !before.run) throw runUnfinished(folder);
  return runFolder(folder);
}

/**
 * Takes run folders for this process, and makes those that are missing.
 * @returns lets others have them
 * @throws SsqlError RUN_IN_USE, LOCK_UNSUPPORTED, DISK_FULL, NOT_WRITABLE
 */
export async function claimRuns(folders: readonly string[]): Promise<() => Promise<void>> {
  const locks: FileLock[] = [];
  const release = async (): Promise<void> => {
    for (const lock of locks.splice(0)) lock.release();
  };
  try {
    for (const folder of folders) {
      const lock = await makeAndLock(folder).catch((error: unknown) => {
        throw writeError(folder, error);
      });
      if (lock === undefined) throw runInUse(folder, await lockOwner(join(folder, LOCK)));
      locks.push(lock);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

/** Whether a process is at work on a run. */
export function isInUse(folder: string): Promise<boolean> {
  return isLocked(join(folder, LOCK));
}

const LOCK = 'lock';

async function makeAndLock(folder: string): Promise<FileLock | undefined> {
  await mkdir(folder, { recursive: true });
  return claimLock(join(folder, LOCK));
}

/** How far the run in a folder is; undefined where it saved nothing that would be lost. */
async function readSaved(folder: string): Promise<Progress | undefined> {
  const progress = await readProgressOf(folder);
  const saved =
    Object.keys(progress.phases).length > 0 || (await readIfThere(join(folder, RUN_FILES.checkpoint))) !== undefined;
  return saved ? progress : undefined;
}

/** Removes a run's own files only: a mistyped folder loses nothing else. */
async function removeRun(folder: string): Promise<void> {
  const own: readonly string[] = Object.values(RUN_FILES);
  for (const name of await readdir(folder)) {
    if (own.includes(name) || name.startsWith('events.out.tfevents.'))
      await rm(join(folder, name), { recursive: true });
  }
  await mkdir(join(folder, RUN_FILES.checkpoints), { recursive: true });
}

function runFolder(folder: string): RunFolder {
  const at = (name: keyof typeof RUN_FILES): string => join(folder, RUN_FILES[name]);
  const writeJson = (file: string, value: unknown): Promise<void> =>
    writeAtomic(file, `${JSON.stringify(value, undefined, 2)}\n`);
  const readProgress = (): Promise<Progress> => readProgressOf(folder);
  const writeProgress = (progress: Progress): Promise<void> => writeJson(at('finished'), progress);
  const writeEvaluations = async (progress: Progress, evaluations: Progress['evaluations']): Promise<void> => {
    await writeProgress({ ...progress, evaluations });
    await writeJson(at('evaluations'), distinctEvaluations(Object.values(evaluations)));
  };
  let pending: string[] = [];

  return {
    folder,
    writePipeline: (yaml) => writeAtomic(at('pipeline'), yaml),
    writeManifest: (manifest) => writeJson(at('manifest'), manifest),
    appendMetrics: (metrics) => void pending.push(`${JSON.stringify(metrics)}\n`),
    async flushMetrics() {
      const lines = pending;
      pending = [];
      await appendFile(at('metrics'), lines.join(''), { flush: true }).catch((error: unknown) => {
        throw writeError(at('metrics'), error);
      });
    },
    async truncateMetrics(step) {
      pending = [];
      const kept = (await readMetrics(folder)).filter((metrics) => metrics.step <= step);
      await writeAtomic(at('metrics'), kept.map((metrics) => `${JSON.stringify(metrics)}\n`).join(''));
    },
    async recordEvaluations(stage, evaluations) {
      const progress = await readProgress();
      await writeEvaluations(progress, {
        ...progress.evaluations,
        [stage]: [...(progress.evaluations[stage] ?? []), ...evaluations],
      });
    },
    async recordAssignment(precision, assignment) {
      const before = await readJson<RunRecord['assignments']>(at('assignments'), {});
      await writeJson(at('assignments'), { ...before, [precision]: assignment });
    },
    async keepStages(stages) {
      const progress = await readProgress();
      const own = stages.map(stagePhase);
      const phases = pick(progress.phases, (phase) => !phase.startsWith(STAGE_PHASE) || own.includes(phase));
      await writeEvaluations(
        { ...progress, phases },
        pick(progress.evaluations, (stage) => stages.includes(stage)),
      );
    },
    async addTiming(phase, seconds) {
      const timings = await readJson<RunRecord['timings']>(at('timings'), {});
      await writeJson(at('timings'), { ...timings, [phase]: (timings[phase] ?? 0) + seconds });
    },
    saveCheckpoint: ({ epoch, step, tensors }) =>
      writeAtomic(at('checkpoint'), encodeSafetensors(tensors, { epoch: String(epoch), step: String(step) })),
    async loadCheckpoint() {
      const file = await readSafetensors(at('checkpoint'));
      if (file === undefined) return undefined;
      const [epoch, step] = [Number(file.metadata['epoch']), Number(file.metadata['step'])];
      if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(step)) {
        throw checkpointCorrupt(`${at('checkpoint')} does not say its epoch and step`);
      }
      return { epoch, step, tensors: file.tensors };
    },
    writeWeights: (weights) =>
      writeAtomic(
        at('weights'),
        encodeSafetensors(
          weights.map((weight) => ({ ...weight, dtype: 'F32' })),
          { format: 'pt' },
        ),
      ),
    begin: async (trainingFingerprint) => writeProgress({ ...(await readProgress()), trainingFingerprint }),
    finishedPhases: async () => (await readProgress()).phases,
    async markFinished(phase, fingerprint) {
      const progress = await readProgress();
      await writeProgress({ ...progress, phases: { ...progress.phases, [phase]: fingerprint } });
    },
    finishRun: async () => writeProgress({ ...(await readProgress()), run: true }),
  };
}

/** The name of a stage's phase. */
export function stagePhase(stage: string): string {
  return `${STAGE_PHASE}${stage}`;
}

const STAGE_PHASE = 'stage ';

function pick<T>(
  from: { readonly [name: string]: T },
  wanted: (name: string) => boolean,
): { readonly [name: string]: T } {
  return Object.fromEntries(Object.entries(from).filter(([name]) => wanted(name)));
}
