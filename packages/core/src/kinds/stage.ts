import type { EvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { Precision } from '../quantization/precision.js';
import type { Engine } from '../engine/engine.js';
import type { Evaluation, RunRecord } from './run-record.js';
import type { Dataset } from './data.js';

/** A step after pretraining, or beside it: what measures a run can also watch it while it trains. */
export interface Stage {
  /** `run`: once for every run of the pipeline's matrix; `pipeline`: once, after all of them. */
  readonly scope: 'run' | 'pipeline';
  run(context: StageContext): Promise<void>;
}

export interface StageContext {
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly seed: number;
  /** Frozen features of the run's backbone at a precision, calibrated on training images; computed once and shared by stages. */
  features(precision: EvaluationPrecision): Promise<FeatureSets>;
  /**
   * What the networks of the method make of views of one batch of training images at a precision, as a training step computes it: batch
   * norms by the batch, ranges of the float passes on it. The same images and views at every precision.
   */
  viewOutputs(precision: Precision): Promise<ViewOutputs>;
  /** Adds to what the run found: in evaluation.json; while it trains, in metrics.ndjson. */
  record(evaluations: readonly Evaluation[]): Promise<void>;
  /** Finished runs of this pipeline, for stages of scope `pipeline`. */
  readonly runs: readonly RunRecord[];
  /** Where a stage of scope `pipeline` writes: the folder that holds the runs. */
  readonly folder: string;
  /**
   * Says how far the stage is and gives the event loop a turn, in which Ctrl-C is heard and native memory is freed: await it once a batch.
   * @throws the signal's reason where the run is to stop
   */
  progress(message: string, done: number, total: number): Promise<void>;
  readonly signal: AbortSignal;
}

/** Features [N,D], row-major, and labels. */
export interface Features {
  readonly values: Float32Array;
  readonly dimension: number;
  readonly labels: Uint8Array | Uint16Array;
}

export interface FeatureSets {
  readonly train: Features;
  readonly test: Features;
}

/** Outputs of every view, [N,D] row-major. */
export interface ViewOutputs {
  /** Of the encoder: z. */
  readonly features: readonly Float32Array[];
  /** Of the head `predictor`: p. Those of the encoder where the method has none. */
  readonly predictions: readonly Float32Array[];
  /** N: images. */
  readonly count: number;
}
