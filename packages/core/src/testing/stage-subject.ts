import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { pluginFile } from '../artifact/plugin-file.js';
import type { Evaluation, RunRecord } from '../kinds/run-record.js';
import type { Features, FeatureSets, ImageBatch, RunStageContext, Stage } from '../kinds/stage.js';
import { random } from '../random.js';
import { SEED } from './create-plugin.js';
import type { Law, Subject } from './law.js';
import { testerInvalid } from './tester-errors.js';
import { runRecords } from './run-records.js';

/** What a case of a stage may add to its options: nothing. */
export type StageExtra = object;

export type StageLaw = Law<'stage', StageExtra>;
export type StageSubject = Subject<'stage', StageExtra>;

/** What a stage did. */
export interface StageOutcome {
  readonly recorded: readonly Evaluation[];
  readonly published: readonly string[];
  /** The folder of the runs, removed when the work ends. */
  readonly folder: string;
  readonly runs: readonly RunRecord[];
  /** Whether a call of its context was refused because the run was stopped. */
  readonly refused: boolean;
  readonly error: unknown;
  /** The features that it got, as they were and as it left them. */
  readonly lent: readonly { readonly before: FeatureSets; readonly after: FeatureSets }[];
}

const CLASSES = 3;
const DIMENSION = 6;
const IMAGES = { train: 30, test: 12 };
const SHAPE = [4, 4, 1] as const;
const BATCH = 4;

/**
 * Runs a stage on made-up inputs, then the work on what it did.
 * @param stopAt the call of its context at which the run is stopped: every later call is refused
 */
export async function runStage(
  { engine }: StageSubject,
  stage: Stage,
  work: (outcome: StageOutcome) => void | Promise<void>,
  stopAt = Infinity,
): Promise<void> {
  const stop = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), 'ssql-stage-'));
  const recorded: Evaluation[] = [];
  const published: string[] = [];
  const lent: { before: FeatureSets; after: FeatureSets }[] = [];
  let [calls, refused] = [0, false];
  const allowed = (): void => {
    if (calls++ >= stopAt) stop.abort();
    refused ||= stop.signal.aborted;
    stop.signal.throwIfAborted();
  };
  const shared = {
    seed: SEED,
    signal: stop.signal,
    progress: async () => allowed(),
    file: (name: string): string => pluginFile(folder, name),
  };
  const context: RunStageContext = {
    ...shared,
    engine,
    dataset: DATASET,
    networks: ['encoder', 'predictor'],
    encoder: async () => {
      throw testerInvalid('testers have no trained encoder', 'Test this stage in a run of a small pipeline.');
    },
    async features(precisions) {
      allowed();
      const sets = precisions.map((_, index) => ({ before: featuresOf(index), after: featuresOf(index) }));
      lent.push(...sets);
      return sets.map(({ after }) => after);
    },
    viewFeatures: async ({ precisions }) => {
      allowed();
      const of = (split: 'train' | 'test', samples: Uint32Array): readonly Tensor2D[] =>
        precisions.map((_, precision) => {
          const { values } = featuresOf(precision)[split];
          const rows = [...samples].map((sample) => [...values.subarray(sample * DIMENSION, (sample + 1) * DIMENSION)]);
          return engine.tf.tensor2d(rows);
        });
      return {
        train: async (samples) => (allowed(), of('train', samples)),
        test: async (samples) => (allowed(), of('test', samples)),
        protocols: precisions.map(() => ({ train: 'train', test: 'test' })),
        dispose: () => undefined,
      };
    },
    trainingViews: async (index = 0) => (allowed(), ['first', 'second'].map((view) => imagesOf(view, index))),
    outputs: async ({ networks, precisions, images }) => {
      allowed();
      return precisions.map((_, precision) =>
        Object.fromEntries(
          networks.map((name) => [name, images.map((batch, at) => outputsOf(batch, name, precision, at))]),
        ),
      );
    },
    record: async (evaluations) => void recorded.push(...evaluations),
  };
  const runs = runRecords();
  let error: unknown;
  try {
    if (stage.scope === 'run') await stage.run(context);
    else await stage.run({ ...shared, runs, publish: (_, file) => void published.push(file) });
  } catch (thrown) {
    error = thrown;
  }
  try {
    if (error !== undefined && !refused) throw error instanceof Error ? error : new Error(String(error));
    await work({ recorded, published, folder, runs, refused, error, lent });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const labels = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, index) => index % CLASSES);
const split = (size: number) => ({
  size,
  labels: labels(size),
  read: async (indexes: ArrayLike<number>) => new Uint8Array(indexes.length * SHAPE[0] * SHAPE[1] * SHAPE[2]),
});
const DATASET: RunStageContext['dataset'] = {
  name: 'made-up',
  classes: Array.from({ length: CLASSES }, (_, index) => String(index)),
  shape: SHAPE,
  train: split(IMAGES.train),
  test: split(IMAGES.test),
  fingerprint: 'made-up',
};

/** Features around a center for each class, a little different at each precision. */
function featuresOf(precision: number): FeatureSets {
  const centers = random(SEED, 'centers');
  const center = Float32Array.from({ length: CLASSES * DIMENSION }, () => 3 * centers.normal());
  const of = (count: number, name: string): Features => {
    const source = random(SEED, name, precision);
    const values = Float32Array.from({ length: count * DIMENSION }, (_, index) => {
      const label = Math.floor(index / DIMENSION) % CLASSES;
      return center[label * DIMENSION + (index % DIMENSION)]! + source.normal();
    });
    return { values, dimension: DIMENSION, labels: labels(count) };
  };
  return { train: of(IMAGES.train, 'train'), test: of(IMAGES.test, 'test') };
}

function imagesOf(name: string, index: number): ImageBatch {
  const source = random(SEED, name, index);
  const shape = [BATCH, ...SHAPE] as const;
  return { shape, values: Float32Array.from({ length: BATCH * 16 }, () => source.uniform()) };
}

function outputsOf({ shape }: ImageBatch, name: string, precision: number, batch: number): Float32Array {
  assert.ok(shape[0] > 0, 'a batch of images is empty');
  const source = random(SEED, name, precision, batch);
  return Float32Array.from({ length: shape[0] * DIMENSION }, () => source.normal());
}
