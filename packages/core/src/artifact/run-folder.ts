import { appendFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SsqlError } from '../errors.js';
import { readEvaluations, readIfThere, readJson, readMetrics, readSafetensors, RUN_FILES } from './run-files.js';
import type { Evaluation, NamedWeights, RunRecord, StepMetrics } from './run-record.js';
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
  appendMetrics(metrics: StepMetrics): void;
  /** Called at the end of an epoch, before its checkpoint. */
  flushMetrics(): Promise<void>;
  /** Drops what was measured after a step, for a run that resumes there. */
  truncateMetrics(step: number): Promise<void>;
  /** Replaces what was recorded of the same stage, precision, classifier and metric; adds the rest. */
  recordEvaluations(evaluations: readonly Evaluation[]): Promise<void>;
  /** Adds to the seconds that a phase took. */
  addTiming(phase: string, seconds: number): Promise<void>;
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** The last checkpoint, or undefined. @throws SsqlError CHECKPOINT_CORRUPT */
  loadCheckpoint(): Promise<Checkpoint | undefined>;
  writeWeights(weights: readonly NamedWeights[]): Promise<void>;
  /** The phases that were finished, with the fingerprint of each, a hash of all that it depends on. */
  finishedPhases(): Promise<{ readonly [phase: string]: string }>;
  markFinished(phase: string, fingerprint: string): Promise<void>;
  /** Marks the whole run as done: it may be opened again without `resume`. */
  finishRun(): Promise<void>;
}

interface Finished {
  readonly run: boolean;
  readonly phases: { readonly [phase: string]: string };
}

const NOTHING_FINISHED: Finished = { run: false, phases: {} };

/**
 * Opens a run's folder for writing, and makes it where it is missing. `fresh` removes what an earlier run wrote there;
 * one that saved nothing starts anew.
 * @throws SsqlError RUN_UNFINISHED, DISK_FULL, NOT_WRITABLE
 */
export async function openRunFolder(
  folder: string,
  { resume, fresh }: { readonly resume: boolean; readonly fresh: boolean },
): Promise<RunFolder> {
  await mkdir(join(folder, RUN_FILES.checkpoints), { recursive: true }).catch((error: unknown) => {
    throw writeError(folder, error);
  });
  const { run, phases } = await readJson(join(folder, RUN_FILES.finished), NOTHING_FINISHED);
  const saved = Object.keys(phases).length > 0 || (await readIfThere(join(folder, RUN_FILES.checkpoint))) !== undefined;
  if (fresh || !saved) await removeRun(folder);
  else if (!resume && !run) {
    throw new SsqlError('RUN_UNFINISHED', `${folder} holds an unfinished run`, {
      hint: 'Go on with it: `--resume`. Start it anew: `--fresh`.',
    });
  }
  return runFolder(folder);
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
  const readFinished = (): Promise<Finished> => readJson(at('finished'), NOTHING_FINISHED);
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
    async recordEvaluations(evaluations) {
      const all = new Map(
        [...(await readEvaluations(folder)), ...evaluations].map((evaluation) => [keyOf(evaluation), evaluation]),
      );
      await writeJson(at('evaluations'), [...all.values()]);
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
        throw new SsqlError('CHECKPOINT_CORRUPT', `${at('checkpoint')} does not say its epoch and step`, {
          hint: 'Start with --fresh.',
        });
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
    finishedPhases: async () => (await readFinished()).phases,
    async markFinished(phase, fingerprint) {
      const { run, phases } = await readFinished();
      await writeJson(at('finished'), { run, phases: { ...phases, [phase]: fingerprint } } satisfies Finished);
    },
    async finishRun() {
      await writeJson(at('finished'), { ...(await readFinished()), run: true } satisfies Finished);
    },
  };
}

function keyOf({ stage, precision, classifier, metric }: Evaluation): string {
  return JSON.stringify([stage, precision, classifier, metric]);
}
