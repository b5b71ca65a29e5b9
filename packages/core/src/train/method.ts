import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Network } from '../nn/network.js';

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
  online(branch: Branch, views: readonly Tensor4D[]): Online;
  /** What the online outputs are compared with, from the float branch; gradients are the method's to stop. */
  targets(online: Online): Targets;
  loss(online: Online, targets: Targets): Scalar;
  /** The features [N,D] of the first view whose spread shows a collapse. */
  features(online: Online): Tensor2D;
}

/** The networks of a method at one precision. */
export interface Branch {
  /** Backbone and projector: images [N,H,W,C] -> features [N,D]. */
  encode(images: Tensor4D): Tensor2D;
  /** A head, always float: [N,D] -> [N,D']. */
  head(name: string, features: Tensor2D): Tensor2D;
}
