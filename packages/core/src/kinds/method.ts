import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import type { Network } from '../nn/network.js';
import type { Random } from '../random.js';
import type { SchedulePoint } from './schedule.js';

/**
 * A contrastive method. It says how the online branch makes its outputs from views, what its targets are and how the two are
 * compared; it never mentions quantization.
 */
export interface Method<Online = unknown, Targets = unknown> {
  /** Views of an image that a step needs. */
  readonly views: number;
  /** Follows the backbone within the encoder; its layers are named `projector.…`. */
  readonly projector: Network;
  /** Networks after the encoder, always float, by name; their layers are named `<name>.…`. */
  readonly heads: { readonly [name: string]: Network };
  /** Factors on the learning rate of its networks, by name: `projector`, or a head. Left out: 1. */
  readonly learningRates?: { readonly [network: string]: number };
  /**
   * The m of its momentum encoder, from 0 to 1. That begins as a copy of the encoder, and before the passes of a step each of its
   * parameters moves, k = m k + (1 - m) q; its batch norms normalize by the batch and keep running statistics of their own. Left out:
   * it has none.
   */
  momentum?(at: SchedulePoint): number;
  /** Tensors that last from step to step, by name, such as a queue of keys. */
  readonly memory?: { readonly [name: string]: MemoryTensor };
  online(branch: Branch, views: readonly Tensor4D[]): Online;
  /** What the online outputs are compared with; gradients are the method's to stop, but those of the momentum encoder, which has none. */
  targets(online: Online, context: TargetContext): Targets;
  loss(online: Online, targets: Targets): Scalar;
  /** The memory of the next step, after this step's targets. */
  nextMemory?(targets: Targets, memory: Tensors): Tensors;
  /** The features [N,D] of the first view whose spread shows a collapse. */
  features(online: Online): Tensor2D;
}

export interface MemoryTensor {
  readonly shape: readonly number[];
  /** Its first values. */
  initial(random: Random): Float32Array;
}

/** What targets are made of, besides the online outputs of the float branch. */
export interface TargetContext {
  readonly views: readonly Tensor4D[];
  /** The momentum encoder, always float. */
  readonly momentum: Encoder;
  /** The method's memory, as the step before left it. */
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
