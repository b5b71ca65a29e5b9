import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import type { NetworkDescription } from '../nn/describe.js';
import type { Network } from '../nn/network.js';
import type { PinnedSites } from '../quantization/pins.js';
import type { Precision } from '../quantization/precision.js';
import type { Operand, Quantizer, Range } from './quantizer.js';

/** The backbone of a run as evaluation uses it, for stages that export it or train it further. */
export interface TrainedEncoder {
  readonly network: Network;
  /** Its parameters, running statistics and sites, with their shapes. */
  readonly description: NetworkDescription;
  /**
   * Its tensors, including those that quantizers trained, by the names of PyTorch and in the layout of TensorFlow.js; `toTorch` converts
   * it. The run owns them: a stage that trains starts from copies.
   */
  readonly tensors: Tensors;
  /** The sites whose widths the pipeline pins. */
  readonly pins: PinnedSites;
  /** Bytes [N,H,W,C] -> the images that the network takes. */
  prepare(images: Tensor4D): Tensor4D;
  /**
   * Prepared images -> features [N,D] at a precision; batch norms use their running statistics. Differentiable in the tensors.
   * @param tensors replace those of the run with the same names
   */
  features(images: Tensor4D, precision: Precision, tensors?: Tensors): Tensor2D;
  /**
   * How a site is quantized at a precision; `undefined` if it stays float. Outputs have the range of the calibration images.
   * `quantizer.fakeQuantize(weight, range, tf.scalar(bits), trained)` is the weight that the layer multiplies with.
   * @param site a name in `description.weightSites` or `outputSites`
   */
  site(operand: Operand, site: string, precision: Precision): SiteQuantization | undefined;
}

/** Its tensors belong to the caller, who calls `site` within `tf.tidy` or disposes the range; `trained` belongs to the run. */
export interface SiteQuantization {
  readonly quantizer: Quantizer;
  /** The width of the precision, or that of the site's pin. */
  readonly bits: number;
  readonly range: Range;
  /** The tensors that the quantizer trained at the site, by their names in `trainables`. */
  readonly trained: { readonly [name: string]: Tensor };
}
