import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import type { Network } from '../nn/network.js';
import type { Random } from '../random.js';
import type { SchedulePoint } from './schedule.js';

/**
 * A self-supervised method. It defines how the online branch computes its outputs from views, the targets, and the loss between both; it
 * never mentions quantization.
 */
export interface Method<Online = unknown, Targets = unknown> {
  /** The views of each image in a step: a number of views of one shape, or global views and then local views. */
  readonly views: number | ViewPositions;
  /** Follows the backbone in the encoder; its layers are named `projector.…`. */
  readonly projector: Network;
  /** Networks after the encoder, always float, by name; their layers are named `<name>.…`. */
  readonly heads: { readonly [name: string]: Network };
  /** Factors on the learning rate of its networks, by name: `projector`, or a head. Default: 1. */
  readonly learningRates?: { readonly [network: string]: number };
  /**
   * The momentum m of its momentum encoder, from 0 to 1. The momentum encoder starts as a copy of the encoder. Before the passes of a step,
   * each of its parameters is updated as k = m k + (1 - m) q; its batch norms normalize by the batch and keep separate running statistics.
   * Default: no momentum encoder.
   */
  momentum?(at: SchedulePoint): number;
  /** Heads that the momentum encoder copies too, by name. Default: none. */
  readonly momentumHeads?: readonly string[];
  /**
   * Numbers that change during training, such as a temperature, by name. They are inputs of the compiled step; a number from elsewhere
   * keeps its value of the first step.
   */
  scalars?(at: SchedulePoint): { readonly [name: string]: number };
  /** Random tensors of a step, by purpose, such as masks. A function of only the seed, the step and the purpose. */
  readonly draws?: { readonly [purpose: string]: Draw };
  /**
   * Whether a network (`projector`, or a head) is frozen in a step, by name. As in PyTorch without gradients: its parameters and their
   * optimizer slots are unchanged, without weight decay too.
   */
  readonly frozen?: { readonly [network: string]: (at: SchedulePoint) => boolean };
  /** Tensors that persist from step to step, by name, such as a queue of keys. */
  readonly memory?: { readonly [name: string]: MemoryTensor };
  /** Gets all views, in the pipeline's order. */
  online(branch: Branch, views: readonly Tensor4D[], step: StepValues): Online;
  /** What the online outputs are compared with. The method must stop their gradients, except that the momentum encoder passes none. */
  targets(online: Online, context: TargetContext): Targets;
  /** Scalars and draws that it needs are among the targets. */
  loss(online: Online, targets: Targets): Scalar;
  /** The memory of the next step, after this step's targets. */
  nextMemory?(targets: Targets, memory: Tensors): Tensors;
  /** The features [N,D] of the first view whose spread shows a collapse. */
  features(online: Online): Tensor2D;
}

/** How many views a method takes at which positions (multi-crop). */
export interface ViewPositions {
  /** The first views, all of one shape. */
  readonly global: number;
  /** The views after them, of any shapes. any: as many as the pipeline has. Default: 0. */
  readonly local?: number | 'any';
}

export interface MemoryTensor {
  readonly shape: readonly number[];
  /** Its initial values. */
  initial(random: Random): Float32Array;
}

/** A random tensor. */
export interface Draw {
  shape(batch: number): readonly number[];
  /** One element, for example `(random) => random.uniform()`. */
  element(random: Random): number;
}

/** What a method declares in `scalars` and `draws`, in this step. The same in all branches. */
export interface StepValues {
  readonly scalars: { readonly [name: string]: Scalar };
  readonly draws: { readonly [purpose: string]: Tensor };
}

/** Inputs of `targets` besides the online outputs of the float branch. */
export interface TargetContext extends StepValues {
  readonly views: readonly Tensor4D[];
  /** The momentum encoder and its heads (`momentumHeads`), always float. */
  readonly momentum: Branch;
  /** The method's memory after the previous step. */
  readonly memory: Tensors;
}

export interface Encoder {
  /** Backbone and projector: images [N,H,W,C] -> features [N,D]. */
  encode(images: Tensor4D): Tensor2D;
}

/** The networks of a method at one precision. */
export interface Branch extends Encoder {
  /** A head, always float: [N,D] -> [N,D']. */
  head(name: string, features: Tensor2D): Tensor2D;
}
