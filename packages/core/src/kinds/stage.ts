import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.js';
import type { EvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { Precision } from '../quantization/precision.js';
import type { Dataset } from './data.js';
import type { Augmentation } from './augmentation.js';
import type { Evaluation, Protocol, RunRecord } from './run-record.js';
import type { TrainedEncoder } from './trained-encoder.js';

/** A stage after pretraining: of each run, or of the whole pipeline. */
export type Stage = RunStage | PipelineStage;

/** Measures one run: after pretraining, or as part of the pipeline's monitor while it trains. */
export interface RunStage {
  readonly scope: 'run';
  /** The stage needs the labels of its images: without them, the pipeline is refused before the first step. Default: false. */
  readonly needsLabels?: boolean;
  /** Checks the images that it will get, before the first step. @throws SsqlError for a problem */
  check?(dataset: Dataset): void;
  run(context: RunStageContext): Promise<void>;
}

/** Runs once, after all runs of the pipeline's matrix. */
export interface PipelineStage {
  readonly scope: 'pipeline';
  run(context: PipelineStageContext): Promise<void>;
}

/** What every stage gets. */
export interface StageContext {
  readonly seed: number;
  readonly signal: AbortSignal;
  /**
   * Reports progress and yields to the event loop, which handles Ctrl-C and frees native memory: await it once per batch.
   * @throws the signal's reason if the run must stop
   */
  progress(message: string, done: number, total: number): Promise<void>;
}

export interface RunStageContext extends StageContext {
  readonly engine: Engine;
  readonly dataset: Dataset;
  /**
   * Frozen features of the run's backbone at each precision, in order, calibrated on training images. Ask for all precisions in one call:
   * those that no stage has asked for are computed in one pass over the images. They are kept for later calls and stages: the stage leaves
   * them as they are, and copies what it changes.
   */
  features(precisions: readonly EvaluationPrecision[]): Promise<readonly FeatureSets[]>;
  /**
   * Features of views that the stage makes of images, computed anew for each batch: for a classifier that is trained on augmented views.
   * The caller disposes them.
   */
  viewFeatures(request: ViewRequest): Promise<ViewFeatures>;
  /**
   * The trained backbone, for stages that export it or train it further; calibrated on training images.
   * @param options.folded batch norms are folded into the layers before them
   * @param options.calibration the name of one of the pipeline's `evaluation.calibrations`; default: `evaluation.calibration`
   */
  encoder(options?: Pick<EvaluationPrecision, 'folded' | 'calibration'>): Promise<TrainedEncoder>;
  /**
   * The path of a file for the stage to write, in the folder of the run.
   * @param name a plain file name, without a folder, that ssql does not use
   * @throws SsqlError FILE_NAME_INVALID
   */
  file(name: string): string;
  /**
   * Names for `outputs`: `encoder` (backbone and projector), then the method's heads, which follow the encoder, then `momentum`, the
   * momentum encoder, if the method has one. Heads and the momentum encoder are always float.
   */
  readonly networks: readonly string[];
  /**
   * Augmented views of a batch of training images, at least two of each image: a function of the seed and the index, equal at every call.
   * Batches of one pass over the images hold different images; the next pass has another order and other augmentations.
   * @param index from 0, the default
   */
  trainingViews(index?: number): Promise<readonly ImageBatch[]>;
  /**
   * Outputs of networks for images at each precision, in order, as in a training step: batch norms normalize by the batch; ranges come
   * from float passes over all batches, which are made once for all precisions.
   */
  outputs(request: OutputRequest): Promise<readonly NetworkOutputs[]>;
  /** Adds results to the run: to evaluation.json, or, during training, to metrics.ndjson. */
  record(evaluations: readonly Evaluation[]): Promise<void>;
}

export interface PipelineStageContext extends StageContext {
  /** The finished runs of the pipeline. */
  readonly runs: readonly RunRecord[];
  /**
   * The path of a file for the stage to write, in the folder of the runs.
   * @param name a plain file name, without a folder, that ssql does not use
   * @throws SsqlError FILE_NAME_INVALID
   */
  file(name: string): string;
  /** Announces a written file to the caller of the pipeline, with a title such as `Report`. */
  publish(title: string, file: string): void;
}

/** Features [N,D], row-major, and the labels of the images, if they have some. */
export interface Features {
  readonly values: Float32Array;
  readonly dimension: number;
  readonly labels?: Uint8Array | Uint16Array | undefined;
}

export interface FeatureSets {
  readonly train: Features;
  readonly test: Features;
  /** The images that they come from. */
  readonly protocol?: Protocol;
}

export interface ViewRequest {
  readonly precisions: readonly EvaluationPrecision[];
  /** Augmentations of training images and of test images. The pipeline's own at the end of evaluation, such as normalization, follow. */
  readonly train: readonly Augmentation[];
  readonly test: readonly Augmentation[];
  /** Indexes of training images. Activation ranges are calibrated on one batch of their views of epoch 0, instead of `evaluation.calibration.samples`. */
  readonly calibrate: Uint32Array;
}

/** Features [N,D] of views at each precision, in order. The caller disposes the tensors. */
export interface ViewFeatures {
  /**
   * Views of training images: a function of the seed, the epoch and the samples.
   * @param change what becomes of the views [N,H,W,C] before the backbone, such as a mix of each with another; default: nothing
   */
  train(samples: Uint32Array, epoch: number, change?: (views: Tensor4D) => Tensor4D): Promise<readonly Tensor2D[]>;
  test(samples: Uint32Array): Promise<readonly Tensor2D[]>;
  /** The images that results at each precision come from. */
  readonly protocols: readonly Protocol[];
  dispose(): void;
}

/** Images in the form that a backbone takes, [N,H,W,C] row-major. */
export interface ImageBatch {
  readonly shape: readonly [count: number, height: number, width: number, channels: number];
  readonly values: Float32Array;
}

export interface OutputRequest {
  /** Names of the context's `networks`. */
  readonly networks: readonly string[];
  readonly precisions: readonly Precision[];
  readonly images: readonly ImageBatch[];
}

/** For each requested network, its outputs [N,D] for each batch, row-major. */
export interface NetworkOutputs {
  readonly [network: string]: readonly Float32Array[];
}
