import type { Engine } from '../engine/engine.js';
import type { EvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { Precision } from '../quantization/precision.js';
import type { Dataset } from './data.js';
import type { Evaluation, RunRecord } from './run-record.js';

/** What follows pretraining: a stage of each run, or one of the whole pipeline. */
export type Stage = RunStage | PipelineStage;

/** Measures one run: after pretraining, or as part of the pipeline's monitor while it trains. */
export interface RunStage {
  readonly scope: 'run';
  run(context: RunStageContext): Promise<void>;
}

/** Runs once, after all runs of the pipeline's matrix. */
export interface PipelineStage {
  readonly scope: 'pipeline';
  run(context: PipelineStageContext): Promise<void>;
}

interface StageContext {
  readonly seed: number;
  readonly signal: AbortSignal;
  /**
   * Says how far the stage is and gives the event loop a turn, in which Ctrl-C is handled and native memory is freed: await it once a batch.
   * @throws the signal's reason where the run is to stop
   */
  progress(message: string, done: number, total: number): Promise<void>;
}

export interface RunStageContext extends StageContext {
  readonly engine: Engine;
  readonly dataset: Dataset;
  /** Frozen features of the run's backbone at a precision, calibrated on training images; computed once and shared by stages. */
  features(precision: EvaluationPrecision): Promise<FeatureSets>;
  /** The networks whose outputs can be asked for: `encoder` (backbone and projector), then the method's heads, which follow it. */
  readonly networks: readonly string[];
  /** Augmented views of one batch of training images, at least two of each image: a function of the seed, the same at every call. */
  trainingViews(): Promise<readonly ImageBatch[]>;
  /**
   * What networks make of images at a precision, as a training step computes it: batch norms by the batch; ranges from float passes over
   * all of the batches.
   */
  outputs(request: OutputRequest): Promise<NetworkOutputs>;
  /** Adds to what the run measured: in evaluation.json; while it trains, in metrics.ndjson. */
  record(evaluations: readonly Evaluation[]): Promise<void>;
}

export interface PipelineStageContext extends StageContext {
  /** The finished runs of the pipeline. */
  readonly runs: readonly RunRecord[];
  /** The folder that holds the runs, where the stage writes. */
  readonly folder: string;
  /** Tells whoever runs the pipeline of a file that was written, for example `Report`. */
  publish(title: string, file: string): void;
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

/** Images as a backbone gets them, [N,H,W,C] row-major. */
export interface ImageBatch {
  readonly shape: readonly [count: number, height: number, width: number, channels: number];
  readonly values: Float32Array;
}

export interface OutputRequest {
  /** Names of the context's `networks`. */
  readonly networks: readonly string[];
  readonly precision: Precision;
  readonly images: readonly ImageBatch[];
}

/** For each network that was asked for its outputs [N,D] for each batch, row-major. */
export interface NetworkOutputs {
  readonly [network: string]: readonly Float32Array[];
}
